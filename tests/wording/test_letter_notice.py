"""The notice as a letter says what the mail of the same notice says, and where the page is."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import ContactKind, LetterReason
from subnotify.wording.language import wording_for
from subnotify.wording.letter_answers import answer_values
from subnotify.wording.letter_notice import notice_letter
from subnotify.wording.letter_parts import reference_lines
from subnotify.wording.mail_notice import NoticeFacts, fill_notice, notice_mould
from subnotify.wording.mail_party import Party
from tests.support.announced_facts import FIFTEEN_DAYS, REGISTERED
from tests.support.letter_words import (
    ADDITION,
    AMENDMENT,
    REPLACEMENT,
    notice,
    squeezed,
    words_of,
)
from tests.support.terms_strategies import any_terms
from tests.wording.telling import window

PARTY = Party("Acme SARL", "C-acme", "2026-003-00001")
LINK = "https://list.vendor.example/n/token"


def mail_lines(facts: NoticeFacts, language: str) -> list[str]:
    """The lines of the mail, without its rules, marks and foot."""
    w = wording_for(language, "Europe/Paris")
    text = fill_notice(notice_mould(facts, w), PARTY, LINK).text
    body, _, _ = text.partition("\n-- \n")
    lines = [line.strip().removeprefix("* ").rstrip("\u00a0 :") for line in body.splitlines()]
    return [line for line in lines if line.strip("=-") and line not in ("Now", "Actuellement")]


def letter_words(facts: NoticeFacts, language: str, reason: LetterReason | None = None) -> str:
    w = wording_for(language, "Europe/Paris")
    shared = notice_letter(facts, w, reason=reason)
    own = [LINK, *reference_lines(PARTY, w), *words_of(answer_values(PARTY, ["Acme"], w))]
    return squeezed("\n".join([*words_of(shared), *own]))


def holds_all(facts: NoticeFacts, language: str) -> None:
    said = letter_words(facts, language)
    missing = [line for line in mail_lines(facts, language) if squeezed(line) not in said]
    assert missing == []


@given(st.one_of(st.none(), any_terms()), st.sampled_from(["en", "fr"]), st.data())
def test_everything_that_the_mail_says_is_in_the_letter(
    terms: NoticeTerms | None, language: str, data: st.DataObject
) -> None:
    changes = data.draw(
        st.lists(st.sampled_from([REPLACEMENT, ADDITION, AMENDMENT]), min_size=1, max_size=3)
    )
    kind = data.draw(st.sampled_from(ContactKind))
    holds_all(
        notice(
            terms,
            changes=tuple(changes),
            contact_kind=kind,
            withdrawn=data.draw(st.sampled_from([(), (ADDITION,)])),
            emergency=data.draw(st.sampled_from([(), ("The old one failed.", "So it is short.")])),
        ),
        language,
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_so_it_is_once_the_window_runs(language: str) -> None:
    facts = notice(window=window(FIFTEEN_DAYS, date(2026, 3, 2)))
    holds_all(facts, language)
    assert ("17March2026" if language == "en" else "17mars2026") in letter_words(facts, language)


def test_an_amendment_shows_what_is_now_beside_what_will_be() -> None:
    shared = notice_letter(notice(changes=(AMENDMENT,)), wording_for("en"))
    (changed, kept) = [block for block in shared["blocks"] if block["kind"] == "facts"]
    assert changed["head"] == ["What changes", "Now", "From then on"]
    address = next(row for row in changed["rows"] if row["name"] == "Address")
    assert address["lines"] == ["1 Quay Street, Dublin"]
    assert address["before"] == ["45 Fremont Street, 8th Floor, San Francisco, CA 94105"]
    signed = next(row for row in changed["rows"] if row["name"] == "Subprocessing agreement")
    assert signed["before"] == ["–"]
    assert "Address" not in [row["name"] for row in kept["rows"]]


def test_a_letter_after_a_mail_says_why_it_comes() -> None:
    plain = letter_words(notice(), "en")
    dead = letter_words(notice(), "en", LetterReason.DEAD_ADDRESS)
    unproven = letter_words(notice(), "en", LetterReason.NO_PROOF)
    assert squeezed("our email did not reach you") in dead
    assert squeezed("nothing proves that you received our email") in unproven
    assert "email" not in plain.replace(squeezed("Names, email addresses"), "").replace(
        "Emailaddresses", ""
    ).replace(squeezed("by email or by post"), "")


def test_an_invented_vendor_says_so() -> None:
    invented = notice(vendor=replace(notice().vendor, demonstration=True))
    assert squeezed("This is a demonstration") in letter_words(invented, "en")


def test_the_notice_leads_to_its_last_page_and_only_where_there_is_one() -> None:
    w = wording_for("en")
    for terms, said in (
        (FIFTEEN_DAYS, "a slip that you can fill in"),
        (REGISTERED, "that termination, ready to sign"),
    ):
        shared = notice_letter(notice(terms), w)
        assert any(said in text for text in words_of(shared["blocks"]))
        assert len(shared["answers"]) == 1
    informed = replace(FIFTEEN_DAYS, changes_covered=frozenset())
    shared = notice_letter(notice(informed), w)
    assert shared["answers"] == []
    assert "last page" not in " ".join(words_of(shared))
