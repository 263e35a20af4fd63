"""The morning's summary for legal: when it goes, what it counts, where its links lead."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from subnotify.operations.queue_digest import queue_digest
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.troubles import SEAL_DOES_NOT_OPEN
from subnotify.rules.words import (
    CaseState,
    ContactKind,
    HoldReason,
    IncomingKind,
    IncomingSource,
    LapseState,
    MessagePurpose,
    MessageState,
    NoticeState,
    OutageCause,
    PauseCause,
    TagStanding,
)
from subnotify.storage import claims
from subnotify.storage.digest_counts import MOST_NAMED, load_digest_counts
from subnotify.storage.tables import (
    AttemptRow,
    CaseRow,
    ClockFreezeRow,
    IncomingMailRow,
    MailboxReadingRow,
    MailQueueRow,
    MessageRow,
    NoticeRow,
    OutageRow,
    ServiceWatchRow,
    SubprocessorRow,
    TransferLapseRow,
    VendorRow,
)
from subnotify.wording.mails import MailText
from tests.operations.test_queue_reminders import counted, multiply
from tests.support.scenario import Scenario
from tests.support.sender_refusals import refuse_sender

PARIS = ZoneInfo("Europe/Paris")
LEGAL = "legal@vendor.example"
URL = "https://list.vendor.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def queue(session: Session, at: datetime) -> bool:
    session.rollback()
    return queue_digest(session, zone=PARIS, legal_email=LEGAL, at=at)


def digests(session: Session) -> list[MessageRow]:
    query = select(MessageRow).where(MessageRow.purpose == MessagePurpose.LEGAL_DIGEST)
    found = list(session.scalars(query.order_by(MessageRow.id)))
    session.rollback()
    return found


def text_of(session: Session, at: datetime) -> MailText:
    """The digest as it would be sent at `at`."""
    session.rollback()
    due = claims.claim_due(session, by="t", until=at + HOUR, limit=500, at=at).messages
    write = mail_texts(MailContext(URL, "Europe/Paris"), lambda: at)(session, due)
    text = next(write(one, None) for one in due if one.purpose is MessagePurpose.LEGAL_DIGEST)
    session.rollback()
    return text


def hold(session: Session, case_id: int, *holds: HoldReason, **values: object) -> None:
    values = {"state": CaseState.HOLD, "holds": [x.value for x in holds], **values}
    session.execute(update(CaseRow).where(CaseRow.id == case_id).values(**values))
    session.commit()


def test_nothing_waits_nothing_is_sent(session: Session, scenario: Scenario, at: datetime) -> None:
    scenario.announce()
    assert not queue(session, at)
    # A window that ends soon and about which nobody said anything asks for nothing.
    assert not queue(session, at + 14 * DAY)


def test_before_there_is_a_vendor_there_is_nothing_to_write(session: Session, at: datetime) -> None:
    session.add(OutageRow(cause=OutageCause.UNREACHABLE, began_at=at - HOUR))
    session.commit()
    assert not queue(session, at)
    Scenario(session, at=at)
    assert queue(session, at)


def test_once_a_working_day_in_the_morning(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    hold(session, scenario.announce().case_ids[0], HoldReason.TERMS_UNKNOWN, closes_at=None)
    # `at` is Monday, 9:00.
    assert not queue(session, at - 2 * HOUR - timedelta(seconds=1))
    assert not queue(session, at + 3 * HOUR)
    assert queue(session, at - 2 * HOUR)
    assert not queue(session, at)
    assert queue(session, at + DAY)
    for days in range(2, 7):
        queue(session, at + days * DAY)
    sent = digests(session)
    assert [one.logical_key for one in sent] == [
        f"legal_digest:2026-03-0{day}" for day in (2, 3, 4, 5, 6)
    ]
    for one in sent:
        assert (one.to_address, one.language, one.notice_id) == (LEGAL, "en", None)
        assert one.state == MessageState.QUEUED


def test_a_holiday_of_the_vendor_is_no_working_day(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    hold(session, scenario.announce().case_ids[0], HoldReason.TERMS_UNKNOWN, closes_at=None)
    easter_monday = datetime(2026, 4, 6, 9, tzinfo=PARIS)
    assert not queue(session, easter_monday)
    profile = {**session.scalars(select(VendorRow.profile)).one(), "country": ""}
    session.execute(update(VendorRow).values(profile=profile))
    session.commit()
    assert queue(session, easter_monday)


def test_on_days_off_only_what_cannot_wait(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    saturday, monday = at + 5 * DAY, at + 7 * DAY
    case_id = scenario.announce().case_ids[0]
    hold(session, case_id, HoldReason.REPLY_WAITS, closes_at=monday - HOUR)
    assert not queue(session, saturday)
    hold(session, case_id, HoldReason.REPLY_WAITS, closes_at=monday - 2 * HOUR)
    assert queue(session, saturday)
    assert queue(session, saturday + DAY)
    objected = {"accommodation_ends_at": monday - 3 * HOUR, "closes_at": at}
    hold(session, case_id, **{"state": CaseState.OBJECTED, **objected})
    assert [one.logical_key[-2:] for one in digests(session)] == ["07", "08"]


def everything_waits(session: Session, scenario: Scenario, at: datetime) -> list[int]:
    """One of each kind; the cases concerned."""
    held, objected, unserved, quiet = (scenario.announce() for _ in range(4))
    hold(session, held.case_ids[0], HoldReason.REPLY_WAITS, closes_at=at + 2 * DAY)
    hold(
        session,
        objected.case_ids[0],
        state=CaseState.OBJECTED,
        closes_at=at + 9 * DAY,
        accommodation_ends_at=at + DAY,
    )
    hold(session, unserved.case_ids[0], HoldReason.BOUNCED, HoldReason.POST_NOT_OPENED)
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == unserved.notice_id)
        .values(state=NoticeState.NOT_SERVED, failure_reason=HoldReason.BOUNCED)
    )
    session.execute(
        update(CaseRow).where(CaseRow.id == quiet.case_ids[0]).values(closes_at=at + 2 * DAY)
    )
    session.add_all(
        [
            IncomingMailRow(
                source=IncomingSource.IMAP,
                received_at=at - HOUR,
                collected_at=at,
                digest="a" * 64,
                ciphertext=b"x",
                kind=IncomingKind.REPLY,
                tag=TagStanding.MISSING,
                from_address="dpo@client.example",
                subject="We <object>",
            ),
            MailQueueRow(id=1, paused_at=at, paused_by="Amir", pause_cause=PauseCause.OPERATOR),
            MailboxReadingRow(
                place="imap:INBOX", last_uid=0, failing_since_at=at - DAY, failure="LOGIN failed"
            ),
            OutageRow(cause=OutageCause.UNREACHABLE, began_at=at - HOUR),
            ClockFreezeRow(noticed_at=at, runner="r", words="by 90 seconds"),
            MessageRow(
                logical_key="closing:1:1:2",
                purpose=MessagePurpose.CLOSING,
                channel="email",
                notice_id=held.notice_id,
                language="en",
                to_address="dpo@client.example",
                state=MessageState.DEFERRED,
                last_reply=SEAL_DOES_NOT_OPEN,
                queued_at=at,
                next_attempt_at=at + HOUR,
            ),
            MessageRow(
                logical_key="closing:1:1:1",
                purpose=MessagePurpose.CLOSING,
                channel="email",
                notice_id=held.notice_id,
                language="en",
                to_address="dpo@client.example",
                state=MessageState.PARKED,
                last_reply="KeyError: 'x'",
                queued_at=at,
            ),
            TransferLapseRow(
                subprocessor_id=session.scalars(select(SubprocessorRow.id)).first(),
                place="US hosting",
                law=ExportLaw.EU_GDPR,
                instrument="EU-US-DPF",
                lapses_on=date(2026, 3, 20),
                state=LapseState.OPEN,
                told_days_ahead=30,
                opened_at=at,
                note="",
            ),
        ]
    )
    session.flush()
    refused = MessageRow.logical_key == "closing:1:1:2"
    refuse_sender(session, session.scalars(select(MessageRow.id).where(refused)).one(), at=at)
    session.execute(update(MessageRow).where(refused).values(last_reply=SEAL_DOES_NOT_OPEN))
    session.commit()
    return [held.case_ids[0], objected.case_ids[0], unserved.case_ids[0]]


def test_it_names_what_waits_with_links_into_the_desk(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    held, objected, unserved = everything_waits(session, scenario, at)
    assert queue(session, at)
    text = text_of(session, at)
    assert text.subject == (
        "What waits for you, Monday 2 March 2026: 2 deadlines in the next three days"
    )
    flowing = " ".join(text.text.split())
    for said in (
        "Amir paused it.",
        "because of us, their sender: 5.7.1 <privacy@vendor.example>: not owned by user <vendor>",
        "Incoming mail (imap:INBOX) could not be read since",
        "LOGIN failed",
        "Clients have not been able to reach our pages since",
        "The clock is in doubt",
        "1 mail waits and is not sent: no seal key of ours opens its stored bytes.",
        "Deadlines in the next three days, of cases that wait for a person: 2",
        "Mails that nobody has read: 1",
        "from dpo@client.example (client unknown): “We <object>”",
        "Notices that are not served: 1",
        "the message came back",
        "Agreements out of reach: 1",
        "Open objections: 1",
        "a mail or letter from the client lies unread: 1",
        "1 case waits for “registered post opened”",
        "Mails of ours that were set aside: 1",
        "closing message to dpo@client.example: KeyError: 'x'",
        "Transfer bases that end or have ended: 1",
        "The first day without a basis: 20 March 2026",
        "1 further window ends in the next three days",
    ):
        assert said in flowing, said
    links = set(re.findall(r"https://\S+", text.text))
    assert links == {
        *(f"{URL}/desk/cases/{x}" for x in (held, objected, unserved)),
        *(f"{URL}/desk/{x}" for x in ("sending", "board?lane=hold", "board?lane=objections")),
        *(f"{URL}/desk/{x}" for x in ("mail/1", "mail", "confirmations")),
        f"{URL}/desk/board?lane=due&state=hold&state=objected",
        *(f"{URL}/desk/{x}" for x in ("lapses", "unreachable", "agreements/3")),
    }
    # The deadline that comes first is named first.
    assert text.text.index(f"/cases/{objected}") < text.text.index(f"/cases/{held}")
    assert "We &lt;object&gt;" in text.html


def test_what_was_done_before_it_is_written_is_not_in_it(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    case_id = scenario.announce().case_ids[0]
    hold(session, case_id, HoldReason.REPLY_WAITS)
    assert queue(session, at)
    hold(session, case_id, state=CaseState.OPEN)
    assert "Nothing waits for a person any more." in text_of(session, at).text


@pytest.mark.usefixtures("scenario")
@pytest.mark.parametrize(("ended_after", "is_told"), [(2 * HOUR, True), (HOUR / 2, False)])
def test_a_short_downtime_that_is_over_is_not_told(
    session: Session, at: datetime, ended_after: timedelta, is_told: bool
) -> None:
    began_at = at - 5 * HOUR
    session.add_all(
        [
            ServiceWatchRow(
                id=1,
                first_probe_at=began_at,
                last_probe_at=at,
                longest_pause_seconds=600,
                tolerated_seconds=3_600,
            ),
            OutageRow(
                cause=OutageCause.NO_PROBE, began_at=began_at, ended_at=began_at + ended_after
            ),
        ]
    )
    session.commit()
    assert queue(session, at) is is_told


def test_ten_thousand_cases_cost_the_same_queries(
    session: Session, engine: Engine, scenario: Scenario, at: datetime
) -> None:
    everything_waits(session, scenario, at)
    with counted(engine) as few:
        load_digest_counts(session, zone=PARIS, at=at)
    session.rollback()
    multiply(session, scenario.announce(), 10_000)
    session.execute(
        update(CaseRow).values(
            state=CaseState.HOLD, holds=[HoldReason.BOUNCED.value], closes_at=at + DAY
        )
    )
    session.execute(update(NoticeRow).values(state=NoticeState.NOT_SERVED))
    session.commit()
    with counted(engine) as many:
        found = load_digest_counts(session, zone=PARIS, at=at)
    session.rollback()
    assert many["SELECT"] == few["SELECT"] <= 44
    assert found.unserved == found.holds[HoldReason.BOUNCED] == 10_005
    # No window runs of what is not served; the clocks of objections do.
    assert found.ending < 5
    assert len(found.first_unserved) == MOST_NAMED
    session.execute(update(NoticeRow).values(state=NoticeState.SERVED))
    session.commit()
    found = load_digest_counts(session, zone=PARIS, at=at)
    assert (found.ending, len(found.first_ending)) == (10_005, MOST_NAMED)


def test_other_mails_that_did_not_arrive_are_named_for_a_week(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    """The notice had arrived, so the case runs on; but the address may be dead by now."""
    announced = scenario.announce()
    receipt, reminder, copy = (
        MessageRow(
            logical_key=f"{purpose}:1:{number}:1",
            purpose=purpose,
            channel="email",
            notice_id=announced.notice_id,
            contact_kind=kind,
            language="en",
            to_address=f"dpo{number}@client.example",
            state=MessageState.HANDED_OVER,
            queued_at=at,
        )
        for number, (purpose, kind) in enumerate(
            (
                (MessagePurpose.RECEIPT, ContactKind.NOTICE),
                (MessagePurpose.REMINDER, ContactKind.NOTICE),
                (MessagePurpose.REMINDER, ContactKind.COPY),
            )
        )
    )
    receipt.bounced_at, receipt.bounce_note = at, "550 5.1.1 User unknown"
    copy.bounced_at = at
    reminder.state, reminder.last_reply = MessageState.REJECTED, "554 refused"
    session.add_all([receipt, reminder, copy])
    session.flush()
    session.add(AttemptRow(message_id=reminder.id, number=1, started_at=at))
    session.commit()
    found = load_digest_counts(session, zone=PARIS, at=at + 7 * DAY)
    assert [x.purpose for x in found.first_lost] == ["reminder", "receipt"]
    assert found.lost == 2 and found.needs_person(at.date())
    assert load_digest_counts(session, zone=PARIS, at=at + 7 * DAY + HOUR).lost == 0
    assert queue(session, at + DAY)
    text = text_of(session, at + DAY)
    flowing = " ".join(text.text.split())
    assert "Other mails to notice contacts that did not arrive, in seven days: 2" in flowing
    assert "receipt to dpo0@client.example: “550 5.1.1 User unknown”" in flowing
    assert f"{URL}/desk/notices/{announced.notice_id}" in text.text
