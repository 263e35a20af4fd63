"""Which spelling of an address is the address that we wrote to."""

import pytest

from subnotify.delivery.incoming_mail import Report
from subnotify.delivery.reported_recipients import is_delivered_to
from subnotify.rules.words import DeliveryEventKind


@pytest.mark.parametrize(
    ("address", "original", "final", "expected"),
    [
        ("dpo@client.example", "", "Dpo@CLIENT.example.", True),
        ("dpo+n=1@client.example", "dpo+2Bn+3D1@client.example", "box@client.example", True),
        ("dpo+2Bn@client.example", "dpo+2Bn@client.example", "box@client.example", True),
        ("dpo@müller.example", "", "dpo@xn--mller-kva.example", True),
        ("dpo@xn--mller-kva.example", "dpo@Müller.example", "", True),
        ("dpo@client.example", "dpo@client.example", "", True),
        ("dpo@client.example", "", "", False),
        ("dpo@client.example", "dpo", "dpo", False),
        ("dpo@client.example", "", "dpo@client.example.org", False),
        (None, "", "dpo@client.example", False),
        ("", "", "", False),
        ("dpo@" + "a" * 64 + ".example", "", "x@" + "a" * 64 + ".example", False),
    ],
)
def test_spellings(address, original, final, expected):
    report = Report(DeliveryEventKind.DELIVERED, recipient=original or final, final_recipient=final)
    assert is_delivered_to(report, address) is expected
