"""A change commences for a client only when its lead time is over; and earlier than its window
ends only where its terms say so (DESIGN section 3 item 7)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.commence_changes import GateShut, commence_change, commence_changes
from subnotify.operations.file_mail import file_mail
from subnotify.operations.gate_out_client import gate_out_client
from subnotify.rules.errors import OutcomeRecorded
from subnotify.rules.gates import Gate, gate_of_change
from subnotify.rules.terms import Emergency, NoticeRule, NoticeTerms, Period
from subnotify.rules.terms_words import Authorisation, MayCommence, RuleScope, SilenceEffect
from subnotify.rules.words import (
    CaseState,
    ChangeState,
    FiledAs,
    HoldReason,
    MessagePurpose,
    SettlementKind,
)
from subnotify.storage.gates import tally_cases
from subnotify.storage.mail_readings import note_reading_worked
from subnotify.storage.tables import (
    ChangeRow,
    EvidenceContentRow,
    EvidenceRow,
    MailboxReadingRow,
    ReleaseRow,
)
from tests.operations.desk import LEGAL, case_of
from tests.operations.rendering import one_text
from tests.operations.test_close_windows import confirm_all
from tests.operations.test_serve_notices import bounce, prove
from tests.operations.test_settle_objection import say, settle
from tests.support.answers import give, objection
from tests.support.returned import receive, reply_to
from tests.support.scenario import FIFTEEN, Announced, Scenario, terms_of

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
# Served on Monday 2 March: the window of 15 days ends with the 17th, its grace with the 18th.
ON = date(2026, 3, 25)
STARTS = datetime.fromisoformat("2026-03-24T23:00:00Z")
THIRTY = replace(terms_of(FIFTEEN), lead_time=Period(30))
# 30 days after 2 March: 1 April, in summer time.
LEAD_ENDS = datetime.fromisoformat("2026-03-31T22:00:00Z")


def announced(
    session: Session, at: datetime, terms: NoticeTerms, *, on: date = ON, emergency: bool = False
) -> Announced:
    """One agreement whose notice is served by the operation, of a change that waits for its day."""
    made = Scenario(session, at=at).announce(terms=terms, commencement_on=on, served=False)
    session.execute(update(ChangeRow).values(commences_by_itself=True))
    if emergency:
        session.execute(update(ReleaseRow).values(emergency_reason={"en": "The old one failed."}))
    session.commit()
    prove(session, made, at=at)
    return made


def gate(session: Session, made: Announced, at: datetime) -> Gate:
    change_id = case_of(session, made.case_ids[0]).change_id
    on = session.get_one(ChangeRow, change_id).commencement_on
    tallies = tally_cases(session, [change_id], on=at.date(), at=at)[change_id]
    session.rollback()
    return gate_of_change(tallies, on, PARIS, at=at)


def change_id_of(session: Session, made: Announced) -> int:
    return case_of(session, made.case_ids[0]).change_id


def test_a_settled_client_waits_for_its_lead_time(session, at):
    made = announced(session, at, THIRTY)
    case = case_of(session, made.case_ids[0])
    assert (case.lead_ends_at, case.early_use_at) == (LEAD_ENDS, None)
    confirm_all(session, STARTS)
    close_windows(session, at=STARTS)
    assert case_of(session, made.case_ids[0]).state == CaseState.CLOSED
    assert gate(session, made, STARTS).blocking == 1
    assert commence_changes(session, zone=PARIS, at=LEAD_ENDS - timedelta(seconds=1)) == []
    with pytest.raises(GateShut):
        commence_change(session, case.change_id, zone=PARIS, at=STARTS, **LEGAL)
    assert commence_changes(session, zone=PARIS, at=LEAD_ENDS) == [case.change_id]


def test_a_lead_time_that_is_kept_holds_nobody_up(session, at):
    made = announced(session, at, THIRTY, on=date(2026, 4, 1))
    confirm_all(session, LEAD_ENDS)
    close_windows(session, at=LEAD_ENDS)
    assert gate(session, made, LEAD_ENDS).is_open


def early_terms(**values: object) -> NoticeTerms:
    """90 days' window that outlives ten days of lead time."""
    base = replace(terms_of(FIFTEEN), objection_period=Period(90), lead_time=Period(10))
    return replace(base, may_commence=MayCommence.AFTER_LEAD_TIME, **values)


@pytest.mark.parametrize("kind", [SettlementKind.ACCOMMODATED, SettlementKind.INEFFECTIVE])
def test_nothing_is_used_early_of_what_legal_can_still_undo(session, at, kind):
    """Whatever else the client said since, and nobody has read."""
    made = announced(session, at, early_terms())
    say(session, made, "objection", at + DAY)
    say(session, made, "question", at + 2 * DAY)
    settle(session, made, kind, STARTS + DAY)
    assert gate(session, made, STARTS + DAY).blocking == 1
    assert commence_changes(session, zone=PARIS, at=STARTS + DAY) == []


def test_nothing_is_used_early_of_what_was_promised_not_to_be(session, at):
    """A question that came since, and that nobody has read, opens nothing."""
    made = announced(session, at, early_terms())
    say(session, made, "objection", at + DAY)
    settle(session, made, SettlementKind.ACCOMMODATED, at + 2 * DAY)
    say(session, made, "question", at + 3 * DAY)
    case = case_of(session, made.case_ids[0])
    assert (case.state, case.holds) == (CaseState.OBJECTED, [HoldReason.WAITS_FOR_PERSON])
    assert gate(session, made, STARTS).blocking == 1
    assert commence_changes(session, zone=PARIS, at=STARTS) == []


def test_where_the_window_outlives_the_lead_time_it_commences_while_the_window_runs(session, at):
    made = announced(session, at, early_terms())
    assert case_of(session, made.case_ids[0]).early_use_at == at.replace(hour=23) + 9 * DAY, (
        "12 March"
    )
    found = gate(session, made, STARTS)
    assert (found.early, found.blocking, found.is_open) == (1, 0, True)
    change_id = change_id_of(session, made)
    assert commence_changes(session, zone=PARIS, at=STARTS) == [change_id]
    assert case_of(session, made.case_ids[0]).state == CaseState.OPEN, "the window runs on"


@pytest.mark.parametrize(
    "needs",
    [
        {"authorisation": Authorisation.SPECIFIC},
        {"effect_of_silence": SilenceEffect.DEEMED_REFUSED},
    ],
)
@pytest.mark.parametrize("emergency", [True, False])
def test_what_needs_a_yes_is_never_used_before_it(session, at, needs, emergency):
    """Neither the lead time nor an emergency stands for the client's answer."""
    terms = early_terms(**{"effect_of_silence": SilenceEffect.UNSPECIFIED, **needs})
    terms = replace(terms, emergency_replacement=Emergency(True))
    made = announced(session, at, terms, emergency=emergency)
    assert case_of(session, made.case_ids[0]).early_use_at is None
    found = gate(session, made, STARTS)
    assert (found.early, found.blocking, found.is_open) == (0, 1, False)
    assert commence_changes(session, zone=PARIS, at=STARTS) == []


def test_an_objection_stops_the_use_even_after_commencement(session, at):
    made = announced(session, at, early_terms())
    change_id = change_id_of(session, made)
    commence_changes(session, zone=PARIS, at=STARTS)
    give(session, made, objection(made), at=STARTS + DAY)
    found = gate(session, made, STARTS + DAY)
    assert (found.early, found.blocking) == (0, 1)
    alarm = one_text(session, STARTS + DAY, MessagePurpose.OBJECTION_ALARM)
    assert "make sure that the use for\nthis client stops now." in alarm.text
    assert session.get_one(ChangeRow, change_id).state == ChangeState.COMMENCED


def test_before_commencement_an_objection_keeps_the_gate_shut(session, at):
    made = announced(session, at, early_terms())
    give(session, made, objection(made), at=at + DAY)
    assert commence_changes(session, zone=PARIS, at=STARTS) == []


def test_a_bounce_stops_the_use(session, at):
    made = announced(session, at, early_terms())
    bounce(session, made, at=at + DAY)
    assert gate(session, made, STARTS).blocking == 1


def test_replies_not_yet_read_stop_no_early_use(session, at):
    made = announced(session, at, early_terms())
    commence_changes(session, zone=PARIS, at=STARTS)
    later = at + 120 * DAY
    close_windows(session, at=later)
    assert case_of(session, made.case_ids[0]).state == CaseState.HOLD
    assert gate(session, made, later).early == 1


def test_an_unread_reply_stops_the_use_until_a_person_says_what_it_is(session, at):
    made = announced(session, at, early_terms())
    mail_id = receive(session, reply_to(made, "We object."), at + DAY)
    assert gate(session, made, STARTS).blocking == 1
    assert commence_changes(session, zone=PARIS, at=STARTS) == []
    file_mail(
        session, mail_id, FiledAs.NO_ANSWER, legal_email="legal@vendor.example", at=STARTS, **LEGAL
    )
    assert commence_changes(session, zone=PARIS, at=STARTS) == [change_id_of(session, made)]


def content_of_commencement(session: Session) -> dict[str, object]:
    query = select(EvidenceContentRow.content).join(
        EvidenceRow, EvidenceRow.id == EvidenceContentRow.evidence_id
    )
    return dict(session.scalars(query.where(EvidenceRow.type == "change_commenced")).one())


def test_an_unread_mail_of_nobody_known_leaves_early_use_to_a_person(session, at):
    """It may be an objection; nobody looks when the job commences a change."""
    made = announced(session, at, early_terms())
    change_id = change_id_of(session, made)
    mail_id = receive(session, reply_to(made, "We object.", tag=None), at + DAY)
    assert gate(session, made, STARTS).is_open
    assert commence_changes(session, zone=PARIS, at=STARTS) == []
    file_mail(
        session, mail_id, FiledAs.NO_ANSWER, legal_email="legal@vendor.example", at=STARTS, **LEGAL
    )
    assert commence_changes(session, zone=PARIS, at=STARTS) == [change_id]


def test_a_mailbox_that_cannot_be_read_leaves_early_use_to_a_person(session, at):
    made = announced(session, at, early_terms())
    change_id = change_id_of(session, made)
    session.add(MailboxReadingRow(place="imap:x", read_until_at=at, failing_since_at=at))
    session.commit()
    assert commence_changes(session, zone=PARIS, at=STARTS) == []
    note_reading_worked(session, ["imap:x"], at=STARTS)
    session.commit()
    assert commence_changes(session, zone=PARIS, at=STARTS) == [change_id]


def test_who_lets_it_commence_all_the_same_has_it_on_record(session, at):
    made = announced(session, at, early_terms())
    receive(session, reply_to(made, "We object.", tag=None), at + DAY)
    commence_change(session, change_id_of(session, made), zone=PARIS, at=STARTS, **LEGAL)
    said = content_of_commencement(session)
    assert (said["untied_mails"], said["unread_places"]) == (1, 0)


def test_mail_of_nobody_known_stops_nothing_where_every_case_is_settled(session, at):
    made = announced(session, at, THIRTY, on=date(2026, 4, 1))
    confirm_all(session, LEAD_ENDS)
    close_windows(session, at=LEAD_ENDS)
    receive(session, reply_to(made, "Buy now!", tag=None), LEAD_ENDS)
    assert commence_changes(session, zone=PARIS, at=LEAD_ENDS) == [change_id_of(session, made)]


@pytest.mark.parametrize("allowed", [True, None])
@pytest.mark.parametrize("emergency", [True, False])
def test_an_emergency_commences_at_once_only_where_the_terms_allow_it(
    session, at, allowed, emergency
):
    terms = replace(THIRTY, emergency_replacement=Emergency(allowed))
    made = announced(session, at, terms, on=at.date() + DAY, emergency=emergency)
    tomorrow = at + DAY
    found = gate(session, made, tomorrow)
    assert found.is_open == bool(allowed and emergency)
    assert case_of(session, made.case_ids[0]).closes_at is not None, "its window runs all the same"
    if found.is_open:
        give(session, made, objection(made), at=tomorrow)
        assert gate(session, made, tomorrow).blocking == 1


def test_the_rule_for_the_change_says_the_lead_time(session, at):
    rules = (NoticeRule(RuleScope.ANY, lead_time=Period(60)),)
    made = announced(session, at, replace(THIRTY, notice_rules=rules))
    # 60 days after 2 March: 1 May.
    expected = datetime.fromisoformat("2026-04-30T22:00:00Z")
    assert case_of(session, made.case_ids[0]).lead_ends_at == expected


def test_terms_without_a_lead_time_wait_for_their_window_only(session, at):
    made = announced(session, at, terms_of(FIFTEEN))
    case = case_of(session, made.case_ids[0])
    assert (case.lead_ends_at, case.early_use_at) == (None, None)
    assert gate(session, made, at + DAY).blocking == 1


def test_a_client_that_waits_for_its_lead_time_can_be_gated_out(session, at):
    made = announced(session, at, THIRTY)
    confirm_all(session, STARTS)
    close_windows(session, at=STARTS)
    gate_out_client(session, made.case_ids[0], note="kept on the old host", at=STARTS, **LEGAL)
    found = gate(session, made, STARTS)
    assert (found.gated_out, found.is_open) == (1, True)
    assert gate(session, made, LEAD_ENDS).settled == 1, "then it may be used for it too"
    with pytest.raises(OutcomeRecorded):
        gate_out_client(session, made.case_ids[0], note="again", at=LEAD_ENDS, **LEGAL)
