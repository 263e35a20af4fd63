"""Bounces and reports of real servers: what each says, of whom, and by which rule it was read.

What is expected of flufl.bounce's samples is what that library's own tests expect, but for two:
`simple_42` names an address that it refuses, and `simple_20` looks like a person's answer.
"""

import csv
from datetime import UTC, datetime

import pytest

from subnotify.rules.words import DeliveryEventKind, IncomingKind
from tests.support.incoming import NOTICE_ID, SAMPLES, list_samples, read, read_sample

_ROWS = list(csv.DictReader((SAMPLES / "bounces/expected.csv").read_text().splitlines()))
_FILES = sorted({row["file"] for row in _ROWS})


@pytest.mark.parametrize("file", _FILES)
def test_says_what_the_table_says(file: str) -> None:
    rows = [row for row in _ROWS if row["file"] == file]
    mail = read_sample(f"bounces/{file}")
    assert mail.kind == rows[0]["mail"]
    expected = {
        (row["event"], row["status"], row["recipient"], row["read_by"] == "rfc3464")
        for row in rows
        if row["event"]
    }
    said = {(one.kind, one.status, one.recipient, one.standard) for one in mail.reports}
    assert said == expected
    assert mail.reason or mail.kind is IncomingKind.REPLY


def test_the_table_names_every_sample_and_there_are_enough() -> None:
    found = {
        f"{folder}/{file.name}"
        for folder in ("flufl", "constructed")
        for file in list_samples(f"bounces/{folder}")
    }
    assert found == set(_FILES)
    reports = {row["file"] for row in _ROWS if row["event"]}
    assert len([one for one in reports if one.startswith("flufl/")]) >= 100
    assert len([one for one in reports if one.startswith("constructed/")]) >= 25


def test_every_constructed_sample_says_so() -> None:
    for folder in ("bounces/constructed", "auto_replies", "replies"):
        for file in list_samples(folder):
            assert b"X-Sample: constructed" in file.read_bytes()[:300], file


def test_the_five_events_of_a_report_are_told_apart() -> None:
    names = {
        "postfix_expired": DeliveryEventKind.FAILED,
        "postfix_delayed": DeliveryEventKind.DELAYED,
        "postfix_success_relayed": DeliveryEventKind.RELAYED,
        "postfix_success_expanded": DeliveryEventKind.EXPANDED,
        "postfix_success_delivered": DeliveryEventKind.DELIVERED,
    }
    for name, kind in names.items():
        mail = read_sample(f"bounces/constructed/{name}.eml")
        assert [one.kind for one in mail.reports] == [kind]
        assert mail.original_envelope_ids == ("0123456789abcdef0123456789abcdef",)
        assert mail.message_ids == (NOTICE_ID,)


def test_who_said_what_and_when() -> None:
    [said] = read_sample("bounces/constructed/gmail_not_found.eml").reports
    assert said.host == "gmail-smtp-in.l.google.com"
    assert said.happened_at == datetime(2026, 11, 2, 9, 0, 6, tzinfo=UTC)
    assert said.words.startswith("550-5.1.1 The email account that you tried to reach does not")
    assert said.words.endswith("550 5.1.1 unnecessary spaces. k12-20020a5d xxx - gsmtp")


def test_an_address_beyond_ascii_is_read_as_it_is() -> None:
    [said] = read_sample("bounces/constructed/utf8_report.eml").reports
    assert (said.recipient, said.final_recipient) == ("données@client.example",) * 2
    assert said.words == "550 5.1.1 Utilisateur inconnu"


def test_the_address_that_we_wrote_to_stands_beside_what_it_became() -> None:
    [said] = read_sample("bounces/flufl/dsn_17.txt").reports
    assert (said.recipient, said.final_recipient) == ("userx@example.fi", "xxx@example.fi")


def test_a_report_that_names_the_notice_in_its_words_refers_to_it() -> None:
    mail = read_sample("bounces/constructed/mailerq_no_mime.eml")
    assert mail.message_ids == (NOTICE_ID,)


@pytest.mark.parametrize(
    ("action", "status", "more", "kind"),
    [
        ("failed", "4.4.7", "", DeliveryEventKind.FAILED),
        ("failed (bounced)", "5.1.1", "", DeliveryEventKind.FAILED),
        ("Failure", "", "", DeliveryEventKind.FAILED),
        ("error", "5.0.0", "", DeliveryEventKind.FAILED),
        ("delayed", "", "", DeliveryEventKind.DELAYED),
        ("", "4.2.2", "", DeliveryEventKind.FAILED),
        ("", "4.2.2", "Will-Retry-Until: Sat, 7 Nov 2026 09:00:01 +0000\r\n", "delayed"),
        ("", "5.1.1", "", DeliveryEventKind.FAILED),
        ("", "2.0.0", "", DeliveryEventKind.RELAYED),
        ("odd", "5.2.1", "", DeliveryEventKind.FAILED),
        ("delivered", "2.1.5", "", DeliveryEventKind.DELIVERED),
        ("relayed", "2.0.0", "", DeliveryEventKind.RELAYED),
        ("expanded", "2.1.5", "", DeliveryEventKind.EXPANDED),
        ("delivered", "5.1.1", "", DeliveryEventKind.FAILED),
        ("delivered", "4.2.2", "", DeliveryEventKind.FAILED),
    ],
)
def test_what_action_and_status_mean(action: str, status: str, more: str, kind: str) -> None:
    mail = read(_report(action, status, more))
    assert [one.kind for one in mail.reports] == [kind]


def test_delivered_without_a_status_raises_no_proof() -> None:
    assert read(_report("delivered", "")).reports == ()


def test_a_report_that_says_nothing_goes_to_a_person() -> None:
    mail = read(_report("odd", ""))
    assert mail.kind is IncomingKind.REPLY
    assert "bounce" in mail.reason


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("Diagnostic-Code: smtp; 550 5.4.1 Recipient address rejected", "5.4.1"),
        ("Diagnostic-Code: smtp; 550 no such user", "5.0.0"),
        ("Diagnostic-Code: smtp; 452-4.2.2 over quota", "4.2.2"),
        ("Status: 5.1.1 (no such user)", "5.1.1"),
        ("Status: 5.01.010", "5.1.10"),
        ("Diagnostic-Code: smtp; host 192.5.1.1 said no, call 480-624-2500", ""),
        ("Diagnostic-Code: x-unix; Exim 4.92.3.1", ""),
    ],
)
def test_where_a_status_is_found(line: str, status: str) -> None:
    [said] = read(_report("failed", "", f"{line}\r\n")).reports
    assert said.status == status


def test_a_date_without_a_zone_or_sense_is_no_instant() -> None:
    for value in ("yesterday", "Mon, 2 Nov 2026 09:00:00", "Mon, 99 Nov 2026 09:00:00 +0000"):
        [said] = read(_report("failed", "5.1.1", f"Last-Attempt-Date: {value}\r\n")).reports
        assert said.happened_at is None


def test_a_bounce_that_a_person_passes_on_is_a_persons_mail() -> None:
    mail = read_sample("bounces/constructed/person_passes_bounce_on.eml")
    assert (mail.kind, mail.reports) == (IncomingKind.REPLY, ())
    assert mail.text.startswith("Your mail to our former address came back.")


def test_a_complaint_goes_to_a_person_and_names_its_mail() -> None:
    mail = read_sample("bounces/constructed/complaint.eml")
    assert (mail.kind, mail.message_ids) == (IncomingKind.REPLY, (NOTICE_ID,))
    assert "complaint" in mail.reason


def _report(action: str, status: str, more: str = "") -> bytes:
    fields = "Final-Recipient: rfc822; dpo@client.example\r\n"
    fields += f"Action: {action}\r\n" if action else ""
    fields += f"Status: {status}\r\n" if status else ""
    return (
        "From: MAILER-DAEMON@mx.client.example\r\n"
        "Subject: Undelivered mail\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n'
        "\r\n"
        "--B\r\n\r\nSorry.\r\n\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.client.example\r\n\r\n"
        f"{fields}{more}\r\n"
        "--B--\r\n"
    ).encode()
