"""Each mail beside its golden copy. Write the copies anew, and read what changed, with:

SUBNOTIFY_WRITE_GOLDEN=1 pytest tests/wording/test_mails.py
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.locations import Location
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import Authorisation, DataAtEnd, SilenceEffect
from subnotify.rules.windows import Window, compute_window
from subnotify.rules.words import (
    ChangeKind,
    ContactKind,
    HoldReason,
    LocationKind,
    Measure,
    Outcome,
    ProofKind,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    StepKind,
    Timeliness,
)
from subnotify.wording.change_facts import ChangeFacts, change_title
from subnotify.wording.data_returns import data_at_end_sentence
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.mail_alarms import Failure, delivery_alarm_mail, objection_alarm_mail
from subnotify.wording.mail_answer import answer_mail
from subnotify.wording.mail_closing import ClosingFacts, closing_mould, fill_closing
from subnotify.wording.mail_code import code_mail
from subnotify.wording.mail_extended import ExtendedFacts, extended_mail
from subnotify.wording.mail_longer import LaterDeadline, LongerWindow, fill_longer, longer_mould
from subnotify.wording.mail_message import message_mail
from subnotify.wording.mail_notice import CorrectedNotice, NoticeFacts, fill_notice, notice_mould
from subnotify.wording.mail_party import Party
from subnotify.wording.mail_postponed import PostponedFacts, postponed_mail
from subnotify.wording.mail_receipt import RecordedResponse, receipt_mail
from subnotify.wording.mail_reminder import (
    RemindedChange,
    ReminderFacts,
    fill_reminder,
    reminder_mould,
)
from subnotify.wording.mail_steps import (
    Answered,
    StepFacts,
    data_due_mail,
    proposal_answered_mail,
    step_mail,
)
from subnotify.wording.mail_withdrawn import WithdrawnFacts, fill_withdrawn, withdrawn_mould
from subnotify.wording.mails import (
    COLUMNS,
    MailMould,
    MailText,
    blank,
    quoted,
    render_mail,
    wrapped,
)
from subnotify.wording.outcomes import OutcomeFacts
from subnotify.wording.responses import ResponseFacts
from tests.support.announced_facts import (
    COMMENCEMENT,
    FIFTEEN_DAYS,
    IONOS,
    OVH,
    REGISTERED,
    SENTRY,
    VENDOR,
)
from tests.support.transfers import assessed, clauses

GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 3, 2, 8, 14, tzinfo=UTC)
LINK = "https://subprocessors.northwind.example/n/7d3vYbqLZ1f0mXW4cJt8sKpR2uHnEaQg5oDiT6wVxyA"
PARTY = Party("Société Générale de Démonstration & Fils", "C-2024-17", "2026-003-00042")
CASE = "https://subprocessors.northwind.example/desk/cases/42"
SWISS_ONLY = replace(FIFTEEN_DAYS, allowed_countries=frozenset({"CH"}))
REPLACEMENT = ChangeFacts(ChangeKind.REPLACEMENT, OVH, ("Monitoring",), COMMENCEMENT, IONOS)
ADDITION = ChangeFacts(ChangeKind.ADDITION, SENTRY, ("Monitoring", "Backup"), COMMENCEMENT)
# Hosting goes to Ireland, support from India comes, and the seat rests on other clauses.
MOVED = assessed(
    replace(
        SENTRY,
        contact="dpo@sentry.example",
        locations=(
            Location("US", LocationKind.ESTABLISHMENT, (clauses(),)),
            Location("IE", LocationKind.HOSTING),
            Location("IN", LocationKind.SUPPORT, (clauses(),)),
        ),
    )
)
AMENDMENT = replace(ADDITION, kind=ChangeKind.AMENDMENT, facts=MOVED, before=SENTRY)
INDIA = replace(SENTRY, locations=(*SENTRY.locations, MOVED.locations[2]))
REMOVAL = replace(ADDITION, kind=ChangeKind.REMOVAL, before=SENTRY)
EVERY_KIND = replace(FIFTEEN_DAYS, changes_covered=frozenset(ChangeKind))


def wording(language: str) -> Wording:
    return wording_for(language, "Europe/Paris")


EN = wording("en")


def window(terms: NoticeTerms) -> Window:
    return compute_window(terms, AT, get_calendar("FR"))


def notice(
    w: Wording,
    terms: NoticeTerms | None = FIFTEEN_DAYS,
    kind: ContactKind = ContactKind.NOTICE,
    changes: tuple[ChangeFacts, ...] = (REPLACEMENT, ADDITION),
    runs: bool = False,
    corrects: CorrectedNotice | None = None,
) -> MailText:
    facts = NoticeFacts(
        vendor=VENDOR,
        changes=changes,
        terms=terms,
        window=window(terms) if runs and terms else None,
        example=window(terms) if terms and terms.proof_of_receipt else None,
        contact_kind=kind,
        contact_clause="annexe 2" if kind is ContactKind.NOTICE else "",
        reason="IONOS ends the product we use at the end of June.",
        paragraph="The databases stay in France.\nNothing else changes.",
        corrects=corrects,
    )
    return fill_notice(notice_mould(facts, w), PARTY, LINK)


def response(
    w: Wording, terms: NoticeTerms, kind: ResponseKind, *, valid: bool = True
) -> RecordedResponse:
    return RecordedResponse(
        facts=ResponseFacts(
            kind=kind,
            state=ResponseState.EFFECTIVE,
            has_valid_form=valid,
            terms=terms,
            zone="Europe/Paris",
            timeliness=Timeliness.IN_TIME if kind is ResponseKind.OBJECTION else None,
            closes_at=window(terms).closes_at,
            services=("Monitoring",),
        ),
        reference="R-000042-7F3K",
        digest="0123456789abcdef" * 4,
        channel=ResponseChannel.LINK,
        received_at=AT,
        dispatched_on=date(2026, 3, 2),
        letter_reference="",
        by_name="Dominique Petit",
        by_role="data protection officer",
        text="We keep our databases <with> IONOS.\n\nPlease confirm.",
        change_titles=[change_title(REPLACEMENT, w)],
        service_names=("Monitoring",),
    )


def closing(
    w: Wording,
    outcome: Outcome,
    terms: NoticeTerms,
    *,
    corrects: bool = False,
    change: ChangeFacts = REPLACEMENT,
) -> MailText:
    facts = ClosingFacts(
        vendor=VENDOR,
        outcome=OutcomeFacts(
            outcome,
            change.facts.name,
            terms,
            COMMENCEMENT,
            ("Monitoring",) if outcome is Outcome.TERMINATED else (),
            date(2026, 4, 1) if outcome is Outcome.TERMINATED else None,
            kind=change.kind,
        ),
        change_title=change_title(change, w),
        window=window(terms) if outcome is Outcome.ACCEPTED_BY_SILENCE else None,
        proof=ProofKind.ACKNOWLEDGEMENT,
        corrects=corrects,
    )
    return fill_closing(closing_mould(facts, w), PARTY, LINK)


def objection_alarm(w: Wording, *, disowned: bool) -> MailText:
    said = response(w, REGISTERED, ResponseKind.OBJECTION, valid=False)
    return objection_alarm_mail(said, PARTY, ["OVHcloud"], [CASE], w, disowned=disowned)


def delivery_alarm(w: Wording) -> MailText:
    words = "550 5.1.1 <dpo@demonstration.example>: no such user"
    failures = [Failure("dpo@demonstration.example", words)]
    return delivery_alarm_mail(PARTY, HoldReason.NOT_SERVED, words, failures, [CASE], w)


def delivery_alarm_letter(w: Wording) -> MailText:
    failures = [Failure("dpo@demonstration.example", "550 5.1.1 no such user")]
    return delivery_alarm_mail(
        PARTY, HoldReason.BOUNCED, "", failures, [CASE], w, letters_to=["Camille Perrin"]
    )


def answer(w: Wording) -> MailText:
    said = response(w, FIFTEEN_DAYS, ResponseKind.QUESTION)
    reply = "Only names and addresses.\n\nThe databases stay in France."
    return answer_mail(said, reply, PARTY, VENDOR, LINK, w, at=AT)


def message(w: Wording) -> MailText:
    words = "We have moved the date of the test.\n\nNothing else changes."
    return message_mail(words, PARTY, VENDOR, LINK, w, closes_at=AT)


def code(w: Wording) -> MailText:
    titles = [change_title(REPLACEMENT, w)]
    kind = ResponseKind.NO_OBJECTION
    return code_mail("K7PM3XQA", kind, titles, PARTY, VENDOR, w, expires_at=AT)


class NewHoliday:
    """France, with a further holiday on the last day of fifteen days from 2 March 2026."""

    name = "FR"
    version = "holidays 9.9, tzdata 2030.1"

    def holiday_name(self, day: date) -> str | None:
        added = date(2026, 3, 17)
        return "Jour de deuil" if day == added else get_calendar("FR").holiday_name(day)


def longer(w: Wording) -> MailText:
    old, new = window(FIFTEEN_DAYS), compute_window(FIFTEEN_DAYS, AT, NewHoliday())
    old = replace(old, versions="holidays 9.8, tzdata 2030.1")
    told = tuple(
        LaterDeadline(x.facts.name, change_title(x, w), old.closes_at, new.closes_at)
        for x in (REPLACEMENT, ADDITION)
    )
    return fill_longer(longer_mould(VENDOR, [LongerWindow(old, new, told)], w), PARTY, LINK)


def extended(w: Wording) -> MailText:
    before_at = window(FIFTEEN_DAYS).closes_at
    facts = ExtendedFacts(
        "OVHcloud",
        change_title(REPLACEMENT, w),
        before_at,
        before_at + timedelta(days=10),
        "Europe/Paris",
    )
    return extended_mail(facts, PARTY, VENDOR, LINK, w)


def postponed(w: Wording) -> MailText:
    facts = PostponedFacts(
        "OVHcloud",
        change_title(REPLACEMENT, w),
        COMMENCEMENT,
        window(FIFTEEN_DAYS).closes_at,
        "Europe/Paris",
    )
    return postponed_mail(facts, PARTY, VENDOR, LINK, w)


def withdrawn(w: Wording, *, terminated: bool = False) -> MailText:
    facts = WithdrawnFacts("OVHcloud", change_title(REPLACEMENT, w), terminated, not terminated)
    return fill_withdrawn(withdrawn_mould(facts, VENDOR, w), PARTY, LINK)


def reminder(
    w: Wording,
    terms: NoticeTerms = FIFTEEN_DAYS,
    changes: tuple[ChangeFacts, ...] = (REPLACEMENT,),
    *,
    kind: ContactKind = ContactKind.NOTICE,
    apart: bool = False,
) -> MailText:
    closes_at = window(terms).closes_at
    facts = ReminderFacts(
        vendor=VENDOR,
        changes=[
            RemindedChange(one, closes_at + timedelta(days=7 * number * apart))
            for number, one in enumerate(changes)
        ],
        terms=terms,
        zone="Europe/Paris",
        contact_kind=kind,
        has_others=len(changes) == 1,
    )
    subject = notice(w, terms, changes=changes).subject
    return fill_reminder(reminder_mould(facts, w), PARTY, LINK, subject=subject)


def objection_step(w: Wording, measure: Measure | None) -> MailText:
    facts = StepFacts(
        StepKind.PROPOSED if measure else StepKind.ACKNOWLEDGED,
        "OVHcloud",
        change_title(REPLACEMENT, w),
        "Léa Durand looks into it.\nShe calls you on Monday.",
        measure,
        window(FIFTEEN_DAYS).closes_at if measure else None,
    )
    return step_mail(facts, PARTY, VENDOR, LINK, w)


def proposal_answered(w: Wording, kind: StepKind) -> MailText:
    facts = StepFacts(
        kind,
        "OVHcloud",
        change_title(REPLACEMENT, w),
        "We host your data in Gravelines alone.",
        answered=Answered("Camille Perrin", datetime(2026, 3, 9, 14, 5, tzinfo=UTC)),
    )
    return step_mail(facts, PARTY, VENDOR, LINK, w)


MAILS: dict[str, Callable[[Wording], MailText]] = {
    "notice_15_days": notice,
    "client_accepted": lambda w: proposal_answered(w, StepKind.ACCEPTED),
    "client_refused": lambda w: proposal_answered(w, StepKind.REFUSED),
    "notice_correction": lambda w: notice(
        w, changes=(REPLACEMENT,), corrects=CorrectedNotice("2026-002", date(2026, 2, 20))
    ),
    "notice_30_days_registered": lambda w: notice(w, REGISTERED, changes=(REPLACEMENT,)),
    "notice_copy_while_open": lambda w: notice(w, kind=ContactKind.COPY, runs=True),
    "notice_terms_unknown": lambda w: notice(w, None),
    "notice_not_covered": lambda w: notice(
        w, REGISTERED, changes=(replace(AMENDMENT, facts=INDIA),)
    ),
    "notice_amendment": lambda w: notice(w, EVERY_KIND, changes=(AMENDMENT,)),
    "notice_removal": lambda w: notice(w, EVERY_KIND, changes=(REMOVAL,)),
    "notice_removal_not_covered": lambda w: notice(w, REGISTERED, changes=(REMOVAL,)),
    "notice_country_not_allowed": lambda w: notice(
        w, SWISS_ONLY, changes=(replace(REPLACEMENT, blocked=("FR",)),)
    ),
    "notice_one_country_not_allowed": lambda w: notice(
        w, SWISS_ONLY, changes=(REPLACEMENT, replace(ADDITION, blocked=("US", "XO")))
    ),
    "receipt_objection": lambda w: receipt_mail(
        response(w, FIFTEEN_DAYS, ResponseKind.OBJECTION), PARTY, VENDOR, LINK, w
    ),
    "receipt_letter_needed": lambda w: receipt_mail(
        response(w, REGISTERED, ResponseKind.OBJECTION, valid=False), PARTY, VENDOR, LINK, w
    ),
    "receipt_no_objection": lambda w: receipt_mail(
        response(w, FIFTEEN_DAYS, ResponseKind.NO_OBJECTION), PARTY, VENDOR, LINK, w
    ),
    "closing_by_silence": lambda w: closing(w, Outcome.ACCEPTED_BY_SILENCE, REGISTERED),
    "closing_terminated": lambda w: closing(w, Outcome.TERMINATED, REGISTERED),
    "closing_amendment_accommodated": lambda w: closing(
        w, Outcome.ACCOMMODATED, FIFTEEN_DAYS, change=AMENDMENT
    ),
    "closing_removal_informed": lambda w: closing(w, Outcome.INFORMED, REGISTERED, change=REMOVAL),
    "closing_accommodated_again": lambda w: closing(
        w, Outcome.ACCOMMODATED, FIFTEEN_DAYS, corrects=True
    ),
    "objection_alarm": lambda w: objection_alarm(w, disowned=False),
    "disowned_alarm": lambda w: objection_alarm(w, disowned=True),
    "delivery_alarm": delivery_alarm,
    "answer": answer,
    "message": message,
    "window_longer": longer,
    "window_extended": extended,
    "postponed": postponed,
    "withdrawn": withdrawn,
    "withdrawn_terminated": lambda w: withdrawn(w, terminated=True),
    "delivery_alarm_letter": delivery_alarm_letter,
    "reminder_15_days": reminder,
    "reminder_30_days_registered": lambda w: reminder(w, REGISTERED),
    "reminder_two_deadlines_copy": lambda w: reminder(
        w, changes=(REPLACEMENT, ADDITION), kind=ContactKind.COPY, apart=True
    ),
    "reminder_authorisation_needed": lambda w: reminder(
        w, replace(FIFTEEN_DAYS, authorisation=Authorisation.SPECIFIC)
    ),
    "reminder_silence_refuses": lambda w: reminder(
        w, replace(FIFTEEN_DAYS, effect_of_silence=SilenceEffect.DEEMED_REFUSED)
    ),
    "reminder_country_not_allowed": lambda w: reminder(
        w, SWISS_ONLY, changes=(replace(REPLACEMENT, blocked=("FR",)),)
    ),
    "code": code,
    "objection_acknowledged": lambda w: objection_step(w, None),
    "proposal": lambda w: objection_step(w, Measure.CONFIGURATION),
    "proposal_refused": lambda w: proposal_answered_mail(
        StepKind.REFUSED, "Camille Perrin", "Not enough.", PARTY, "OVHcloud", LINK, w
    ),
    "data_due": lambda w: data_due_mail(
        COMMENCEMENT,
        data_at_end_sentence(DataAtEnd.DESTROY, w),
        PARTY,
        "OVHcloud",
        LINK,
        w,
        today=COMMENCEMENT,
    ),
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_golden_copy(name: str, language: str) -> None:
    mail = MAILS[name](wording(language))
    plain = f"Subject: {mail.subject}\n\n{mail.text}"
    for suffix, written in ((".txt", plain), (".html", mail.html)):
        golden = GOLDEN / f"{name}.{language}{suffix}"
        if os.environ.get("SUBNOTIFY_WRITE_GOLDEN"):
            golden.write_text(written, encoding="utf-8")
        assert written == golden.read_text(encoding="utf-8"), f"{golden.name} differs"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_form_of_every_mail(name: str, language: str) -> None:
    mail = MAILS[name](wording(language))
    assert "\n" not in mail.subject
    assert PARTY.notice_reference in mail.subject
    for line in mail.text.splitlines():
        assert len(line) <= COLUMNS or " " not in line.strip(), line
    assert "\n\n\n" not in mail.text
    for part in (mail.subject, mail.text, mail.html):
        assert "%(" not in part
        assert "\ue000" not in part
        assert "None" not in part
    # Nothing is fetched when it is opened, and nothing watches who does.
    for forbidden in ("<img", "<script", "src=", "url(", "@import", "<link"):
        assert forbidden not in mail.html.lower()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_the_html_says_what_the_text_says(name: str, language: str) -> None:
    mail = MAILS[name](wording(language))
    for link in {word for word in mail.text.split() if word.startswith("https://")}:
        assert link in mail.html


def test_what_people_wrote_is_escaped_in_html_and_only_there() -> None:
    mail = MAILS["receipt_objection"](EN)
    assert "&lt;with&gt; IONOS" in mail.html
    assert "<with> IONOS" in mail.text
    assert "Démonstration &amp; Fils" in mail.html
    assert "Démonstration & Fils" in mail.text


def test_client_and_service_are_in_the_subject() -> None:
    assert notice(EN).subject == (
        "[2026-003-00042] Société Générale de Démonstration & Fils – Monitoring and Backup:"
        " changes of subprocessors, objection possible within 15 days from receipt"
    )


def test_a_client_name_cannot_add_lines() -> None:
    party = replace(PARTY, client_name="Acme\nBcc: all@client.example\r\nX")
    facts = ClosingFacts(VENDOR, OutcomeFacts(Outcome.INFORMED, "X"), "X", None, None, False)
    mail = fill_closing(closing_mould(facts, EN), party, LINK)
    assert mail.subject.count("\n") == mail.subject.count("\r") == 0
    assert "Client: Acme, Bcc: all@client.example, X\n" in mail.text


def test_a_mould_fills_every_blank_once() -> None:
    mould = MailMould(
        MailText(f"[{blank('a')}]", f"{blank('a')} {blank('b')}\n", f"<b>{blank('a')}</b>")
    )
    filled = mould.fill(a="1 < 2", b=blank("a"))
    assert filled == MailText("[1 < 2]", f"1 < 2 {blank('a')}\n", "<b>1 &lt; 2</b>")
    with pytest.raises(KeyError):
        mould.fill(b="only")


def test_a_mail_with_a_hole_is_not_written() -> None:
    with pytest.raises(UndefinedError):
        render_mail("code", EN, reference="x")


def test_wrapping_keeps_links_and_lines() -> None:
    assert wrapped(f"{'word ' * 20}\n{LINK}") == (f"{'word ' * 14}word\n{'word ' * 4}word\n{LINK}")
    assert wrapped("a b", 2) == "  a b"
    assert quoted("a\n\nb") == "> a\n>\n> b"
