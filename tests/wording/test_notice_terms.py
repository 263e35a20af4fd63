"""Notice terms read out: what the product understood of a clause, part by part."""

from dataclasses import fields, replace
from datetime import date, time

import pytest

from subnotify.rules.terms import (
    Counting,
    DeemedReceipt,
    Emergency,
    NoticeRule,
    NoticeTerms,
    Period,
    Reading,
    Termination,
)
from subnotify.rules.terms_reading import ENUM_FIELDS
from subnotify.rules.terms_words import (
    Authorisation,
    ChannelChoice,
    Closes,
    CountingRule,
    DataAtEnd,
    DeemedKind,
    FinancialEffect,
    IfUnresolved,
    LeadBefore,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    RuleScope,
    RunsFrom,
    SilenceBrokenBy,
    SilenceEffect,
    TakesEffect,
    TerminationScope,
    TimelyWhen,
    Unit,
)
from subnotify.rules.words import ChangeKind, Channel, ProofKind
from subnotify.wording.notice_terms import clause_sentences, terms_lines, terms_sentence
from subnotify.wording.objections import effect_sentences
from tests.wording.telling import FIFTEEN, LANGUAGES, THIRTY, in_every_language, w

FULL = NoticeTerms(
    counting=Counting(CountingRule.CONTRACT_BD_COUNT, "Europe/Berlin", "DE-BY"),
    changes_covered=frozenset({ChangeKind.ADDITION, ChangeKind.REPLACEMENT}),
    notice_rules=(
        NoticeRule(RuleScope.AFFILIATE, notice_only=True),
        NoticeRule(
            RuleScope.THIRD_COUNTRY,
            lead_time=Period(60),
            objection_period=Period(30),
            requires_agreement_dates=True,
        ),
        NoticeRule(RuleScope.SERVICE, "vault", closes=Closes.COMMENCEMENT),
        NoticeRule(RuleScope.DATA_CATEGORY, "health data", closes=Closes.END_OF_LEAD_TIME),
        NoticeRule(RuleScope.ADEQUATE_COUNTRY),
        NoticeRule(RuleScope.ANY, objection_period=Period(20)),
    ),
    lead_time=Period(6, Unit.WEEKS),
    lead_time_before=LeadBefore.ENGAGEMENT,
    objection_period=Period(1, Unit.MONTHS, Period(3, Unit.BUSINESS_DAYS)),
    channels=(Channel.EMAIL, Channel.POST),
    channel_choice=ChannelChoice.ANY,
    copy_channels=frozenset({Channel.LIST_PUBLICATION}),
    deemed_receipt=DeemedReceipt(DeemedKind.NEXT_BUSINESS_DAY, time(9), time(17)),
    proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT, ProofKind.DEEMED}),
    receipt_fallback_days=10,
    objection_form=ObjectionForm.WRITTEN,
    objection_address="Legal\n1 rue X\n75001 Paris",
    objection_grounds=ObjectionGrounds.CLOSED_LIST,
    closed_grounds=("insolvency", "a breach of data protection law"),
    effect_of_silence=SilenceEffect.DEEMED_ACCEPTED,
    silence_broken_by=SilenceBrokenBy.ANY_RESPONSE,
    effect_of_objection=ObjectionEffect.ACCOMMODATION,
    accommodation_period=Period(30),
    if_unresolved=IfUnresolved.DEEMED_ACCEPTED,
    deemed_accepted_after=Period(90),
    termination=Termination(
        TerminationScope.SERVICE,
        TakesEffect.CLIENTS_DATE,
        FinancialEffect.PRO_RATA_REFUND,
        DataAtEnd.RETURN,
        30,
        Period(10, Unit.BUSINESS_DAYS),
        Period(3, Unit.MONTHS),
    ),
    allowed_countries=frozenset({"FR", "DE"}),
    emergency_replacement=Emergency(True, "Notice within two days."),
    readings={
        "runs_from": Reading("receipt", "Ada Legal", date(2026, 2, 1), "Recital 3 says so"),
        "objection_timely_when": Reading("received", "Ada Legal", date(2026, 2, 1), "So agreed."),
    },
)


def part(terms: NoticeTerms, name: str) -> str:
    return next(line.text for line in terms_lines(terms, w()) if line.name == name)


def test_a_whole_clause() -> None:
    assert [(line.name, line.text) for line in terms_lines(FULL, w())][:-1] == [
        (
            "Authorisation",
            "General: the client is notified of a change, and may object. Changes covered: addition"
            " and replacement.",
        ),
        (
            "Lead time",
            "Notice is given at least 6 weeks before the subprocessor is engaged.",
        ),
        (
            "Objection period",
            "The client may object: 1 month and 3 business days from receipt. The agreement does"
            " not say from when the period runs. That is the reading which Ada Legal took on 1"
            " February 2026: Recital 3 says so. Counted by: business days, Monday to Friday without"
            " public holidays; time zone Europe/Berlin; public holidays: Germany (DE-BY).",
        ),
        (
            "Rules for some changes",
            "1. An affiliate of the vendor: for information only."
            " 2. A third country without an adequacy decision: lead time 60 days, objection period"
            " 30 days from receipt and the dates of the agreement must be stated."
            " 3. The service vault: objection until commencement."
            " 4. The data category health data: objection as long as the lead time runs."
            " 5. A country with an adequacy decision: as for every other change."
            " 6. Every change: objection period 20 days from receipt.",
        ),
        (
            "Channels",
            "Notice is given by one of these channels: email or post. For copies only: publication"
            " of the list. Every notice contact must be reached; the latest instant counts.",
        ),
        (
            "Receipt",
            "A notice sent on a business day until 17:00 counts as received at once, but not before"
            " 09:00; one sent later or on another day, at 09:00 on the next business day. Receipt"
            " proven by: acknowledged by the client. Without proof after 10 days a registered"
            " letter is sent.",
        ),
        ("Silence", "Silence is deemed acceptance. Any response breaks the silence."),
        (
            "Objection",
            "An objection is made in writing. Address for objections: Legal, 1 rue X, 75001 Paris."
            " It is in time when received before the window closes. That is the reading which Ada"
            " Legal took on 1 February 2026: So agreed. Only these grounds count: insolvency; a"
            " breach of data protection law.",
        ),
        (
            "Effect of an objection",
            "The vendor looks for a way to serve the client without the change. The vendor has 30"
            " days from receipt of the objection to find a way. If it stays unresolved and the"
            " client does not terminate, the change is deemed accepted 90 days after receipt of the"
            " objection. The change takes effect for the client only after its window has ended.",
        ),
        (
            "Termination",
            "It ends the services concerned. It must be declared within 10 business days after the"
            " time for finding a way. It takes effect on the client's day, within 3 months from the"
            " notice of the change. What was paid for the time after it is refunded. The client's"
            " data is returned. That is due within 30 days after the end.",
        ),
        (
            "Emergency",
            "In an emergency a subprocessor may be replaced at short notice."
            " Notice within two days.",
        ),
        (
            "Countries",
            "The client's data may be processed only in: France and Germany.",
        ),
    ]
    assert terms_lines(FULL, w())[-1].name == "Not computable"


def test_the_client_reads_what_its_objection_leads_to() -> None:
    assert effect_sentences(FULL, ["Vault"], w()) == (
        "If you object, we look for a way to serve you without this change.",
        "We have 30 days for it, from our receipt of your objection.",
        "Until it is settled, the change is not made for you.",
        "It may be that no way is found.",
        "You may then terminate the services concerned.",
        "You can do so within 10 business days after that time.",
        "You choose the day on which the termination takes effect, within 3 months from the notice"
        " of the change.",
        "What you paid for the time after it is refunded.",
        "Your data is returned to you within 30 days after the end of the services.",
        "If you have not terminated 90 days after our receipt of your objection, your agreement"
        " deems that you have accepted the change.",
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ENUM_FIELDS)
def test_every_value_of_every_field_is_told(name: str, language: str) -> None:
    for value in ENUM_FIELDS[name]:
        for start in (FULL, FIFTEEN, THIRTY):
            terms = replace(start, **{name: value})
            in_every_language(terms_sentence(terms, w(language)))
            in_every_language(clause_sentences(terms, w(language)))


TERMINATION = (TerminationScope, TakesEffect, FinancialEffect, DataAtEnd)
NAMES = ("scope", "takes_effect", "financial_effect", "data")


@pytest.mark.parametrize(("name", "kind"), list(zip(NAMES, TERMINATION, strict=True)))
def test_every_termination_is_told(name: str, kind: type) -> None:
    for value in kind:
        for start in (Termination(), FULL.termination, replace(FULL.termination, data_days=0)):
            terms = replace(FULL, termination=replace(start, **{name: value}))
            for language in LANGUAGES:
                in_every_language(clause_sentences(terms, w(language)))
                in_every_language(effect_sentences(terms, [], w(language)))


@pytest.mark.parametrize("unresolved", IfUnresolved)
@pytest.mark.parametrize("effect", ObjectionEffect)
def test_what_follows_an_objection_is_told(
    unresolved: IfUnresolved, effect: ObjectionEffect
) -> None:
    for period in (None, Period(20)):
        terms = replace(
            FULL,
            if_unresolved=unresolved,
            effect_of_objection=effect,
            deemed_accepted_after=period,
            accommodation_period=period,
        )
        for language in LANGUAGES:
            in_every_language(effect_sentences(terms, ["Vault"], w(language)))
            in_every_language(clause_sentences(terms, w(language)))


def test_two_terms_never_read_the_same() -> None:
    """Whatever differs between two versions shows in what a person reads of them."""
    started = clause_sentences(FULL, w())
    plain = replace(FULL, readings={})
    for name, kind in ENUM_FIELDS.items():
        told = {" ".join(clause_sentences(replace(plain, **{name: x}), w())) for x in kind}
        # Without a reading, unspecified is told as such beside the value that it is counted as.
        assert len(told) == len(kind), name
    others = {
        "lead_time": None,
        "objection_period": Period(1, Unit.MONTHS),
        "notice_rules": (),
        "channels": (Channel.EMAIL,),
        "copy_channels": frozenset(),
        "changes_covered": frozenset({ChangeKind.ADDITION}),
        "counting": replace(FULL.counting, holiday_calendar="DE-BY+05-15"),
        "deemed_receipt": None,
        "proof_of_receipt": frozenset({ProofKind.REGISTERED_DELIVERY}),
        "receipt_fallback_days": 11,
        "objection_address": "",
        "closed_grounds": ("insolvency",),
        "silence_irrevocable": True,
        "accommodation_period": None,
        "deemed_accepted_after": Period(91),
        "termination": Termination(),
        "allowed_countries": frozenset({"FR"}),
        "emergency_replacement": Emergency(False),
        "requires_agreement_dates": True,
        "readings": {},
    }
    for name, value in others.items():
        assert clause_sentences(replace(FULL, **{name: value}), w()) != started, name
    # The clause itself is printed beside the reading, and a preset is only a starting point.
    said_elsewhere = {"provenance", "preset"}
    assert {x.name for x in fields(NoticeTerms)} == {*ENUM_FIELDS, *others, *said_elsewhere}


def test_terms_that_say_nothing() -> None:
    silent = NoticeTerms(counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris"))
    assert part(silent, "Lead time") == "The agreement states no lead time."
    assert part(silent, "Objection period").startswith(
        "The agreement states no objection period. The agreement does not say from when the period"
        " runs: it is counted from receipt, the latest of the possible readings."
    )
    assert part(silent, "Receipt") == "Nobody has chosen yet what proves receipt."
    names = [line.name for line in terms_lines(silent, w())]
    assert "Termination" not in names and "Emergency" not in names and "Countries" not in names


def test_a_blanket_authorisation_has_no_window_to_tell_of() -> None:
    blanket = replace(FIFTEEN, authorisation=Authorisation.BLANKET)
    told = " ".join(clause_sentences(blanket, w()))
    assert "object" not in told
    assert terms_sentence(blanket, w()) == "all changes authorised in advance, for information only"


def test_windows_in_a_line() -> None:
    def told(**changes: object) -> str:
        return terms_sentence(replace(FIFTEEN, **changes), w()).split(";")[0]

    assert told(runs_from=RunsFrom.UNSPECIFIED) == "15 days from receipt (from when is not said)"
    assert told(runs_from=RunsFrom.COMMENCEMENT_BACKWARD) == "until 15 days before commencement"
    assert told(closes=Closes.COMMENCEMENT) == "until commencement"
    lead = told(closes=Closes.END_OF_LEAD_TIME, lead_time=Period(60))
    assert lead == "as long as the lead time, 60 days from receipt"
    rules = (NoticeRule(RuleScope.AFFILIATE, objection_period=Period(10)),)
    assert terms_sentence(replace(FIFTEEN, notice_rules=rules), w()).startswith(
        "10 days from receipt; 15 days from receipt; silence: accepted"
    )


def test_which_date_decides_is_told_as_read() -> None:
    decided = replace(FULL, objection_timely_when=TimelyWhen.DISPATCHED)
    assert "It is in time when dispatched on the last day" in part(decided, "Objection")
    assert "reading" not in part(decided, "Objection")


def test_a_lead_time_is_in_the_line() -> None:
    rules = (NoticeRule(RuleScope.AFFILIATE, lead_time=Period(2, Unit.WEEKS)),)
    said = terms_sentence(replace(FIFTEEN, lead_time=Period(30), notice_rules=rules), w())
    assert "; lead time: 2 weeks; lead time: 30 days; " in said
