"""Reminders: to whom, when, how often; and that they move nothing but a mail."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, insert, select, update
from sqlalchemy.orm import Session

from subnotify.config_mail import ReminderTimes
from subnotify.operations.queue_reminders import queue_reminders
from subnotify.rules.case_facts import NO_ANSWER
from subnotify.rules.terms_words import Authorisation
from subnotify.rules.words import (
    CaseState,
    ChangeState,
    HoldReason,
    IncomingKind,
    IncomingSource,
    MessagePurpose,
    MessageState,
    NoticeState,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    TagStanding,
)
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    BroughtInNoticeRow,
    CaseRow,
    ChangeRow,
    ContactRow,
    EvidenceRow,
    IncomingMailRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ReceiptProofRow,
    ReleaseRow,
    ResponseRow,
)
from tests.support.scenario import REGISTERED, Announced, Scenario, terms_of

TIMES = ReminderTimes(at_half_time=True, days_before=3)
DAY = timedelta(days=1)
# Of the 15 days from Monday 2 March, 9:00 in Paris: half time, and the start of 14 March.
HALF_AT = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)
DAYS_AT = datetime(2026, 3, 13, 23, tzinfo=UTC)
CLOSES_AT = datetime(2026, 3, 17, 23, tzinfo=UTC)


def remind(session: Session, at: datetime, times: ReminderTimes = TIMES) -> int:
    session.rollback()
    return queue_reminders(session, times=times, at=at)


def reminders(session: Session) -> list[MessageRow]:
    query = select(MessageRow).where(MessageRow.purpose == MessagePurpose.REMINDER)
    found = list(session.scalars(query.order_by(MessageRow.id)))
    session.rollback()
    return found


def answer(
    session: Session,
    told: Announced,
    kind: ResponseKind,
    at: datetime,
    *,
    case_id: int | None = None,
    state: ResponseState = ResponseState.EFFECTIVE,
) -> None:
    session.add(
        ResponseRow(
            reference=f"R-{told.notice_id}-{kind.value}-{case_id}",
            notice_id=told.notice_id,
            case_id=case_id,
            kind=kind,
            channel=ResponseChannel.LINK,
            state=state,
            received_at=at,
            services=[],
            digest="ab" * 32,
        )
    )
    session.commit()


def change(session: Session, table: type, condition: object, **values: object) -> None:
    session.execute(update(table).where(condition).values(**values))  # type: ignore[arg-type]
    session.commit()


def waiting_mail(session: Session, told: Announced, at: datetime, *, filed: bool = False) -> None:
    agreement = session.get_one(AgreementRow, told.agreement_id)
    session.add(
        IncomingMailRow(
            source=IncomingSource.IMAP,
            received_at=at,
            collected_at=at,
            digest=f"{told.notice_id:064d}",
            ciphertext=b"x",
            kind=IncomingKind.REPLY,
            tag=TagStanding.VALID,
            client_id=agreement.client_id,
            filed_at=at if filed else None,
        )
    )
    session.commit()


def test_at_half_time_and_three_days_before_once_each(session: Session, scenario: Scenario) -> None:
    told = scenario.announce(contacts=2, copies=1)
    assert remind(session, HALF_AT - timedelta(seconds=1)) == 0
    assert remind(session, HALF_AT) == 3
    assert remind(session, HALF_AT + timedelta(hours=1)) == 0
    assert remind(session, DAYS_AT - timedelta(seconds=1)) == 0
    assert remind(session, DAYS_AT) == 3
    assert remind(session, CLOSES_AT - timedelta(seconds=1)) == 0
    assert remind(session, CLOSES_AT + DAY) == 0
    sent = reminders(session)
    keys = [f"reminder:{told.notice_id}:{x}:1:half" for x in told.contact_ids]
    assert [one.logical_key for one in sent[:3]] == keys
    assert [one.contact_kind for one in sent[:3]] == ["notice", "notice", "copy"]
    assert [one.queued_at for one in sent] == [HALF_AT] * 3 + [DAYS_AT] * 3
    for one in sent:
        assert (one.state, one.next_attempt_at) == (MessageState.QUEUED, one.queued_at)
        assert (one.notice_id, one.case_id, one.language) == (told.notice_id, None, "en")
        assert one.serving_number == 1 and one.attempt_count == 0


def test_the_settings_say_which(session: Session, scenario: Scenario) -> None:
    scenario.announce()
    assert remind(session, HALF_AT, ReminderTimes(at_half_time=False, days_before=0)) == 0
    assert remind(session, HALF_AT, ReminderTimes(at_half_time=False, days_before=3)) == 0
    assert remind(session, DAYS_AT, ReminderTimes(at_half_time=False, days_before=3)) == 1


def test_a_reminder_moves_nothing_but_a_mail(session: Session, scenario: Scenario) -> None:
    told = scenario.announce()
    tables = (NoticeRow, CaseRow, ReceiptProofRow, EvidenceRow)

    def state() -> list[object]:
        session.expire_all()
        found = [
            {key: value for key, value in vars(row).items() if not key.startswith("_")}
            for table in tables
            for row in session.scalars(select(table))
        ]
        session.rollback()
        return found

    before = state()
    remind(session, HALF_AT)
    assert state() == before
    assert len(reminders(session)) == 1 == len(told.message_ids)


@pytest.mark.parametrize("kind", sorted(set(ResponseKind) - NO_ANSWER))
def test_who_answered_is_not_reminded(
    session: Session, scenario: Scenario, kind: ResponseKind, at: datetime
) -> None:
    told = scenario.announce(changes=2)
    answer(session, told, kind, at + DAY)
    assert remind(session, HALF_AT) == 0


@pytest.mark.parametrize("kind", sorted(NO_ANSWER))
def test_an_acknowledgement_is_no_answer(
    session: Session, scenario: Scenario, kind: ResponseKind, at: datetime
) -> None:
    """Nor is the word of somebody who is not the one to ask."""
    told = scenario.announce()
    answer(session, told, kind, at + DAY)
    assert remind(session, HALF_AT) == 1


def test_an_answer_whose_code_is_awaited_is_one(session: Session, scenario: Scenario, at) -> None:
    told = scenario.announce()
    awaited = ResponseState.AWAITING_CODE
    answer(session, told, ResponseKind.NO_OBJECTION, at + DAY, state=awaited)
    assert remind(session, HALF_AT) == 0


def test_of_two_changes_the_one_not_answered_is_left(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    told = scenario.announce(changes=2)
    first, second = told.case_ids
    answer(session, told, ResponseKind.NO_OBJECTION, at + DAY, case_id=first)
    assert remind(session, HALF_AT) == 1
    answer(session, told, ResponseKind.OBJECTION, at + DAY, case_id=second)
    assert remind(session, DAYS_AT) == 0


@pytest.mark.parametrize(
    "what",
    [
        "reply waits",
        "notice not served",
        "change withdrawn",
        "agreement ended",
        "agreement ends tomorrow",
        "objected",
        "closed",
        "closed once",
        "brought in",
        "release paused",
        "contact replaced",
        "address changed",
        "link revoked",
        "bounced",
        "refused",
        "not yet handed over",
        "handed over a moment ago",
        "half reminder bounced",
    ],
)
def test_nobody_is_reminded_in_vain(session: Session, scenario: Scenario, what: str) -> None:
    told = scenario.announce()
    (case_id,), (message_id,), at = told.case_ids, told.message_ids, HALF_AT
    case, message = CaseRow.id == case_id, MessageRow.id == message_id
    agreement = AgreementRow.id == told.agreement_id
    match what:
        case "reply waits":
            waiting_mail(session, told, HALF_AT)
        case "notice not served":
            change(session, NoticeRow, NoticeRow.id > 0, state=NoticeState.NOT_SERVED)
        case "change withdrawn":
            change(session, ChangeRow, ChangeRow.id > 0, state=ChangeState.WITHDRAWN)
        case "agreement ended":
            change(session, AgreementRow, agreement, ended_on=date(2026, 3, 9))
        case "agreement ends tomorrow":
            change(session, AgreementRow, agreement, ended_on=date(2026, 3, 11))
        case "objected":
            change(session, CaseRow, case, state=CaseState.OBJECTED)
        case "closed":
            change(session, CaseRow, case, state=CaseState.CLOSED)
        case "closed once":
            values = {"case_id": case_id, "outcome": "accepted", "at": HALF_AT, "by": "x"}
            session.execute(insert(OutcomeRow).values(**values))
            session.commit()
        case "brought in":
            values = {"message_id": message_id, "notice_id": told.notice_id, "at": HALF_AT}
            values |= {"dispatched_at": HALF_AT, "by": "x", "proof_reference": ""}
            session.execute(insert(BroughtInNoticeRow).values(**values))
            session.commit()
        case "release paused":
            change(session, ReleaseRow, ReleaseRow.id > 0, sending_paused_at=HALF_AT)
        case "contact replaced":
            contact = AgreementContactRow.contact_id == told.contact_ids[0]
            change(session, AgreementContactRow, contact, ended_on=date(2026, 3, 5))
        case "address changed":
            change(session, ContactRow, ContactRow.id > 0, email="new@client.example")
        case "link revoked":
            change(session, MessageRow, message, link_revoked_at=HALF_AT)
        case "bounced":
            change(session, MessageRow, message, bounced_at=HALF_AT)
        case "refused":
            change(session, MessageRow, message, state=MessageState.REJECTED)
        case "not yet handed over":
            state = MessageState.DEFERRED
            change(session, MessageRow, message, state=state, handed_over_at=None)
        case "handed over a moment ago":
            moment = HALF_AT - timedelta(hours=23)
            change(session, MessageRow, message, handed_over_at=moment)
        case "half reminder bounced":
            assert remind(session, HALF_AT) == 1
            key = f"reminder:{told.notice_id}:{told.contact_ids[0]}:1:half"
            values = {"state": MessageState.HANDED_OVER, "bounced_at": HALF_AT}
            change(session, MessageRow, MessageRow.logical_key == key, **values)
            at = DAYS_AT
    assert remind(session, at) == 0


def test_a_mail_that_was_read_holds_no_reminder(session: Session, scenario: Scenario) -> None:
    told = scenario.announce()
    waiting_mail(session, told, HALF_AT, filed=True)
    assert remind(session, HALF_AT) == 1


def test_a_case_on_hold_within_its_window_is_reminded_of(
    session: Session, scenario: Scenario
) -> None:
    told = scenario.announce()
    case = CaseRow.id == told.case_ids[0]
    holds = [HoldReason.COUNTRY_NOT_ALLOWED.value]
    change(session, CaseRow, case, state=CaseState.HOLD, holds=holds, blocked_countries="US")
    assert remind(session, HALF_AT) == 1


def test_who_must_authorise_is_reminded_too(session: Session, scenario: Scenario) -> None:
    terms = replace(terms_of("fr-15-days"), authorisation=Authorisation.SPECIFIC)
    scenario.announce(terms=terms)
    assert remind(session, HALF_AT) == 1


def test_served_anew_everything_is_reminded_anew(session: Session, scenario: Scenario) -> None:
    told = scenario.announce()
    assert remind(session, HALF_AT) == 1
    again = MessageRow(
        logical_key=f"notice:{told.notice_id}:{told.contact_ids[0]}:email:2",
        purpose=MessagePurpose.NOTICE,
        channel="email",
        notice_id=told.notice_id,
        contact_id=told.contact_ids[0],
        contact_kind="notice",
        serving_number=2,
        to_address=session.get_one(ContactRow, told.contact_ids[0]).email,
        language="en",
        state=MessageState.HANDED_OVER,
        queued_at=HALF_AT + DAY,
        handed_over_at=HALF_AT + DAY,
    )
    session.add(again)
    session.commit()
    change(session, NoticeRow, NoticeRow.id == told.notice_id, serving_number=2)
    window = {"opens_at": HALF_AT + DAY, "closes_at": HALF_AT + 17 * DAY}
    change(session, CaseRow, CaseRow.id == told.case_ids[0], **window)
    assert remind(session, HALF_AT + 9 * DAY) == 1
    keys = [one.logical_key for one in reminders(session)]
    assert [key.split(":", 3)[3] for key in keys] == ["1:half", "2:half"]


def test_a_missed_one_comes_late_but_not_within_a_day_of_the_next(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    scenario.announce()
    later = scenario.announce(at=at + DAY)
    # Down from before half time until 20 hours before the second reminder of the first notice.
    assert remind(session, DAYS_AT - timedelta(hours=20)) == 1
    assert [one.notice_id for one in reminders(session)] == [later.notice_id]
    assert remind(session, DAYS_AT) == 1
    assert remind(session, DAYS_AT + DAY) == 1


def test_a_later_window_of_the_same_notice_reminds_no_second_time_within_a_day(
    session: Session, scenario: Scenario
) -> None:
    told = scenario.announce(changes=2)
    # Half time of the second case comes an hour before the last days of the first.
    opens_at = HALF_AT - 8 * DAY
    ends = opens_at + 2 * (DAYS_AT - timedelta(hours=1) - opens_at)
    change(session, CaseRow, CaseRow.id == told.case_ids[1], opens_at=opens_at, closes_at=ends)
    half_only = ReminderTimes(at_half_time=True, days_before=0)
    assert remind(session, HALF_AT, half_only) == 1
    assert remind(session, DAYS_AT - timedelta(hours=1), half_only) == 0
    session.execute(update(MessageRow).values(queued_at=DAYS_AT - timedelta(hours=2)))
    session.commit()
    assert remind(session, DAYS_AT) == 0
    assert remind(session, DAYS_AT + DAY) == 1


def test_days_before_the_deadline_are_days_of_the_agreement(
    session: Session, scenario: Scenario
) -> None:
    terms = terms_of(REGISTERED)
    there = replace(terms, counting=replace(terms.counting, time_zone="Pacific/Auckland"))
    told = scenario.announce(terms=there)
    closes_at = session.get_one(CaseRow, told.case_ids[0]).closes_at
    assert closes_at is not None
    # Summer time ends there on 5 April, and the window on 1 April, 24:00.
    assert closes_at == datetime(2026, 4, 1, 11, tzinfo=UTC)
    due_at = closes_at - 4 * DAY
    assert remind(session, due_at - timedelta(seconds=1), ReminderTimes(False, 3)) == 0
    assert remind(session, due_at, ReminderTimes(False, 3)) == 1


@contextmanager
def counted(engine: Engine) -> Iterator[Counter[str]]:
    """Statements by their first word."""
    words: Counter[str] = Counter()

    def count(_conn: object, _cursor: object, statement: str, *_further: object) -> None:
        words[statement.split(maxsplit=1)[0].upper()] += 1

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield words
    finally:
        event.remove(engine, "before_cursor_execute", count)


def multiply(session: Session, told: Announced, number: int) -> None:
    """`number` further agreements with the same notice: rows copied set-based."""
    agreement = session.get_one(AgreementRow, told.agreement_id)
    notice, case = (
        session.get_one(NoticeRow, told.notice_id),
        session.get_one(CaseRow, told.case_ids[0]),
    )
    message = session.get_one(MessageRow, told.message_ids[0])
    contact = session.get_one(ContactRow, told.contact_ids[0])
    ids = range(1_001, 1_001 + number)

    def copies(row: object, **changed: object) -> list[dict[str, object]]:
        table = type(row).__table__  # type: ignore[attr-defined]
        kept = {x.name: getattr(row, x.name) for x in table.columns if x.name != "id"}
        # The database numbers new messages itself: it must not meet a number given here.
        numbered = () if isinstance(row, MessageRow) else ("id",)
        return [
            {**kept, **dict.fromkeys(numbered, n)} | {k: f(n) for k, f in changed.items()}  # type: ignore[operator]
            for n in ids
        ]

    for row, changed in (
        (agreement, {"key": lambda n: f"a{n}", "reference": lambda n: f"A-{n}"}),
        (contact, {"key": lambda n: f"k{n}", "email": lambda n: f"dpo@c{n}.example"}),
        (
            notice,
            {"reference": lambda n: f"R-{n}", "agreement_id": lambda n: n},
        ),
        (case, {"agreement_id": lambda n: n, "notice_id": lambda n: n}),
        (
            message,
            {
                "logical_key": lambda n: f"notice:{n}:{n}:email:1",
                "notice_id": lambda n: n,
                "contact_id": lambda n: n,
                "to_address": lambda n: f"dpo@c{n}.example",
                "link_digest": lambda n: f"digest {n}",
            },
        ),
    ):
        session.execute(insert(type(row)), copies(row, **changed))
    values = [{"agreement_id": n, "contact_id": n, "kind": "notice", "clause": ""} for n in ids]
    session.execute(insert(AgreementContactRow), values)
    session.commit()


def test_ten_thousand_are_reminded_in_a_few_statements(
    session: Session, engine: Engine, scenario: Scenario
) -> None:
    told = scenario.announce()
    multiply(session, told, 10_000)
    with counted(engine) as statements:
        assert remind(session, HALF_AT) == 10_001
    # Three chunks; for each the windows, who was not reminded, who has not answered (twice).
    assert statements["SELECT"] <= 13 and statements["INSERT"] == 3
    with counted(engine) as statements:
        assert remind(session, HALF_AT + timedelta(hours=1)) == 0
    assert statements["INSERT"] == 0
