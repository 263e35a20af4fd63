"""Whether an address on record can serve an agreement."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from subnotify.rules.presets import PRESETS
from subnotify.rules.reachability import ContactReach, Lack, find_lacking
from subnotify.rules.terms_words import ChannelChoice, ServedWhen
from subnotify.rules.words import Channel, ProofKind

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
PROOFS = frozenset({ProofKind.ACKNOWLEDGEMENT, ProofKind.REGISTERED_DELIVERY})
BY_MAIL = replace(PRESETS["fr-15-days"], proof_of_receipt=PROOFS)
CHARTER = replace(PRESETS["fr-30-days-registered"], proof_of_receipt=PROOFS)
EITHER = replace(BY_MAIL, channels=(Channel.EMAIL, Channel.POST), channel_choice=ChannelChoice.ANY)
BOTH = replace(EITHER, channel_choice=ChannelChoice.EVERY)
BY_POST = replace(BY_MAIL, channels=(Channel.REGISTERED_POST,))
FULL = ContactReach(1, "Jeanne Petit", "dpo@client.example", has_post=True)
DEAD = replace(FULL, mail_died_at=AT)
ALL_DEAD = replace(DEAD, letter_back_at=AT)
BACK = replace(FULL, letter_back_at=AT)
NO_POST = replace(FULL, has_post=False)
NO_MAIL = replace(FULL, email="")


@pytest.mark.parametrize(
    ("terms", "contact", "lack"),
    [
        (BY_MAIL, FULL, None),
        (BY_MAIL, NO_POST, None),
        (BY_MAIL, DEAD, Lack.MAIL_DEAD),
        (BY_MAIL, NO_MAIL, Lack.NO_ADDRESS),
        # A letter takes over where the terms let one follow, from an address that was there.
        (CHARTER, DEAD, None),
        (CHARTER, replace(DEAD, has_post=False), Lack.MAIL_DEAD),
        (CHARTER, ALL_DEAD, Lack.LETTER_BACK),
        (CHARTER, NO_MAIL, Lack.NO_ADDRESS),
        (EITHER, DEAD, None),
        (EITHER, NO_MAIL, None),
        (EITHER, BACK, None),
        (EITHER, ALL_DEAD, Lack.LETTER_BACK),
        (BOTH, FULL, None),
        (BOTH, DEAD, None),
        (BOTH, NO_MAIL, Lack.NO_ADDRESS),
        (BOTH, NO_POST, Lack.NO_ADDRESS),
        (BOTH, BACK, Lack.LETTER_BACK),
        (BY_POST, NO_MAIL, None),
        (BY_POST, DEAD, None),
        (BY_POST, NO_POST, Lack.NO_ADDRESS),
        (BY_POST, BACK, Lack.LETTER_BACK),
        (None, FULL, None),
        (None, DEAD, Lack.MAIL_DEAD),
    ],
)
def test_what_one_contact_lacks(terms, contact, lack) -> None:
    found = find_lacking(terms, [contact])
    assert [one.lack for one in found] == ([lack] if lack else [])


def test_every_contact_is_needed_unless_the_terms_say_any() -> None:
    other = replace(FULL, id=2)
    assert [x.contact for x in find_lacking(BY_MAIL, [other, DEAD])] == [DEAD]
    enough = replace(BY_MAIL, served_when=ServedWhen.ANY)
    assert find_lacking(enough, [other, DEAD]) == ()
    assert len(find_lacking(enough, [NO_MAIL, DEAD])) == 2


def test_nobody_is_designated() -> None:
    assert [x.lack for x in find_lacking(BY_MAIL, [])] == [Lack.NO_CONTACT]
