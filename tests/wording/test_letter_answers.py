"""The page that comes back: a slip, or the letter by which the client objects or terminates."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import (
    Authorisation,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    TerminationScope,
    TimelyWhen,
)
from subnotify.wording.language import wording_for
from subnotify.wording.letter_answers import (
    answer_pages,
    answer_values,
    recipient_lines,
    slip_reference,
)
from subnotify.wording.mail_party import Party
from tests.support.announced_facts import FIFTEEN_DAYS, REGISTERED, VENDOR
from tests.support.letter_words import ADDITION, REPLACEMENT, notice, words_of
from tests.wording.telling import window

EN, FR = wording_for("en", "Europe/Paris"), wording_for("fr", "Europe/Paris")


def page(terms: NoticeTerms | None, **changed: Any) -> dict[str, Any]:
    (only,) = answer_pages(notice(terms, **changed), EN)
    return only


def boxes(of: dict[str, Any]) -> list[list[str]]:
    return [block["items"] for block in of["blocks"] if block["kind"] == "boxes"]


def said(of: dict[str, Any]) -> str:
    return " ".join(words_of(of["blocks"]))


def test_a_slip_asks_for_each_change_the_services_and_a_signature() -> None:
    slip = page(replace(FIFTEEN_DAYS, objection_timely_when=TimelyWhen.DISPATCHED))
    assert slip["kind"] == "slip"
    assert boxes(slip) == [
        [
            "We object to this change: OVHcloud will replace IONOS for Monitoring.",
            "We object to this change: Sentry will be added for Monitoring and Backup.",
        ],
        ["Monitoring", "Backup"],
    ]
    assert slip["blocks"][-1]["items"] == ["Name", "Position held", "Place and date", "Signature"]
    assert "You can object within 15 days from receipt of this notice." in said(slip)
    assert "It is in time if it is sent on the last day of the period or before." in said(slip)
    assert "Northwind Informatique 12 rue des Exemples 75011 PARIS" in said(slip)
    assert "Your grounds" not in said(slip)


def test_one_service_needs_no_choice() -> None:
    assert len(boxes(page(FIFTEEN_DAYS, changes=(REPLACEMENT,)))) == 1


def test_grounds_are_asked_for_where_the_terms_do() -> None:
    reasons = page(replace(FIFTEEN_DAYS, objection_grounds=ObjectionGrounds.REASONS_STATED))
    assert "Your grounds:" in said(reasons)
    listed = replace(
        FIFTEEN_DAYS,
        objection_grounds=ObjectionGrounds.CLOSED_LIST,
        closed_grounds=("the country", "a competitor"),
    )
    assert ["the country", "a competitor"] in boxes(page(listed))


def test_where_authorisation_is_asked_for_the_slip_refuses_it() -> None:
    asked = page(replace(FIFTEEN_DAYS, authorisation=Authorisation.SPECIFIC), changes=(ADDITION,))
    assert boxes(asked)[0][0].startswith("We do not authorise this change: Sentry")
    assert "only if you refuse" in said(asked)


def test_only_changes_that_the_terms_cover_can_be_objected_to() -> None:
    terms = replace(FIFTEEN_DAYS, changes_covered=frozenset({ADDITION.kind}))
    assert boxes(page(terms))[0] == [
        "We object to this change: Sentry will be added for Monitoring and Backup."
    ]
    assert answer_pages(notice(terms, changes=(REPLACEMENT,)), EN) == []


def test_without_terms_on_record_there_is_a_slip() -> None:
    assert page(None)["kind"] == "slip"


def test_a_termination_by_registered_letter_is_ready_to_sign() -> None:
    letter = page(REGISTERED, changes=(REPLACEMENT,))
    assert letter["kind"] == "letter"
    assert letter["address"] == ["Northwind Informatique", "12 rue des Exemples", "75011 PARIS"]
    for words in (
        "Registered letter with acknowledgement of receipt",
        "Subject: termination of the service Monitoring",
        "We object to this change and hereby terminate the service Monitoring.",
        "OVHcloud will replace IONOS for Monitoring",
        "Basis: our agreement, annexe 4, § 3.",
        "The termination takes effect when the objection period ends.",
        "Please destroy the data",
        "Signature",
    ):
        assert words in said(letter), words
    assert "None" not in said(letter)


def test_which_services_end_is_ticked_where_the_terms_leave_the_choice() -> None:
    letter = page(REGISTERED)
    assert boxes(letter) == [["Monitoring", "Backup"]]
    assert "hereby terminate the services that it concerns." in said(letter)
    scope = TerminationScope.SERVICE_OR_AGREEMENT
    either = replace(REGISTERED, termination=replace(REGISTERED.termination, scope=scope))
    assert boxes(page(either)) == [["Monitoring", "Backup", "our whole agreement"]]


@pytest.mark.parametrize(
    ("scope", "act"),
    [
        (TerminationScope.AGREEMENT, "hereby terminate our agreement."),
        (TerminationScope.ADDENDUM, "hereby terminate the addendum."),
        (TerminationScope.SUITE, "hereby terminate the whole suite of services concerned."),
    ],
)
def test_a_termination_of_more_than_services_says_what_ends(
    scope: TerminationScope, act: str
) -> None:
    terms = replace(REGISTERED, termination=replace(REGISTERED.termination, scope=scope))
    assert act in said(page(terms))
    assert boxes(page(terms)) == []


def test_an_objection_by_registered_letter_that_ends_nothing() -> None:
    terms = replace(REGISTERED, effect_of_objection=ObjectionEffect.ACCOMMODATION)
    letter = page(terms)
    assert letter["kind"] == "letter"
    assert "Subject: objection to a change of subprocessor" in said(letter)
    assert "terminate" not in said(letter)


def test_a_termination_in_any_form_is_not_said_to_be_registered() -> None:
    terms = replace(REGISTERED, objection_form=ObjectionForm.WRITTEN)
    assert page(terms)["kind"] == "letter"
    assert "Registered letter" not in said(page(terms))


def test_it_goes_to_the_address_that_the_terms_name() -> None:
    terms = replace(REGISTERED, objection_address="Legal, 3 quai Y, 69002 Lyon")
    lines = ("Northwind Informatique", "Legal", "3 quai Y", "69002 LYON")
    assert recipient_lines(terms, VENDOR) == lines
    named = replace(REGISTERED, objection_address="NORTHWIND INFORMATIQUE\n69002 Lyon")
    assert recipient_lines(named, VENDOR) == ("NORTHWIND INFORMATIQUE", "69002 LYON")
    assert recipient_lines(None, replace(VENDOR, address="")) == ("Northwind Informatique",)


def test_it_names_the_country_only_where_it_comes_from_another_one() -> None:
    vendor = replace(VENDOR, address="12 rue des Exemples\n75011 Paris\nFRANCE")
    inland = ("Northwind Informatique", "12 rue des Exemples", "75011 PARIS")
    assert recipient_lines(None, vendor, "FR") == recipient_lines(None, vendor) == inland
    assert recipient_lines(None, vendor, "DE") == (*inland, "FRANCE")
    (slip,) = answer_pages(notice(vendor=vendor), EN, client_country="BE")
    assert "75011 PARIS FRANCE" in said(slip)
    (letter,) = answer_pages(notice(REGISTERED, vendor=vendor), EN, client_country="BE")
    assert letter["address"][-1] == "FRANCE"


def test_what_nobody_knows_at_printing_has_a_line_to_write_on() -> None:
    def lines(**changed: Any) -> list[list[str]]:
        letter = page(REGISTERED, **changed)
        return [block["items"] for block in letter["blocks"] if block["kind"] == "fields"]

    received, last = "Day on which we received your notice", "Last day of the objection period"
    assert lines() == [[received, last], ["Name", "Position held", "Signature"]]
    running = window(REGISTERED, date(2026, 3, 2))
    assert lines(window=running)[0] == [received]
    assert "at the end of 1 April 2026" in said(page(REGISTERED, window=running))


def test_its_reference_is_that_of_the_notice() -> None:
    assert slip_reference("2026-003-00001") == "S-2026-003-00001"
    values = answer_values(Party("Acme\nSARL", "C-1", "2026-003-00001"), ["Acme", "Paris"], EN)
    assert values["slip"][0] == "Slip: S-2026-003-00001"
    assert values["sender-lines"] == ["Acme", "Paris"]
    assert "Our letter: S-2026-003-00001" in values["letter-references"]
    assert "Agreement: C-1" in values["letter-references"]
