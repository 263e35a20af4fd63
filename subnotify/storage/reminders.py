"""Cases whose clients have not answered while their window runs, and whom to remind of them.

Set-based throughout: a release has as many windows as agreements.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from subnotify.rules.case_facts import NO_ANSWER
from subnotify.rules.reminders import APART, ReminderKind
from subnotify.rules.words import (
    CaseState,
    ChangeState,
    Channel,
    MessagePurpose,
    MessageState,
    NoticeState,
)
from subnotify.storage.mail_readings import nothing_waits
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    BroughtInNoticeRow,
    CaseRow,
    ChangeRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ReleaseRow,
    ResponseRow,
    TermsVersionRow,
)

# What an objection or a settlement moved on is not waited for any more.
WAITING_STATES = (CaseState.OPEN, CaseState.HOLD)
# No zone is further than this from UTC: an agreement that may have ended is left alone.
_ANY_ZONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RunningWindow:
    """The window of a case; zone: the agreement's, None where its terms are unknown."""

    case_id: int
    notice_id: int
    opens_at: datetime
    closes_at: datetime
    zone: str | None


def list_running_windows(
    session: Session, state: CaseState, *, after: RunningWindow | None, limit: int, at: datetime
) -> Sequence[RunningWindow]:
    """Up to `limit` cases in this state whose window runs at `at`, the nearest deadline first,
    behind `after`, answered or not."""
    page = select(CaseRow.id, CaseRow.notice_id, CaseRow.opens_at, CaseRow.closes_at).where(
        CaseRow.state == state.value, CaseRow.opens_at <= at, CaseRow.closes_at > at
    )
    if after is not None:
        # Said so that the index on state and deadline is entered at the right place.
        beyond = or_(CaseRow.closes_at > after.closes_at, CaseRow.id > after.case_id)
        page = page.where(CaseRow.closes_at >= after.closes_at, beyond)
    # The page is taken first: the tables joined to it are not read as a whole for each.
    cases = page.order_by(CaseRow.closes_at, CaseRow.id).limit(limit).subquery("page")
    rows = session.execute(
        select(cases, TermsVersionRow.terms["counting"]["time_zone"].as_string())
        .join(NoticeRow, NoticeRow.id == cases.c.notice_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .order_by(cases.c.closes_at, cases.c.id)
    )
    return [
        RunningWindow(case_id, notice_id, opens_at, closes_at, zone)
        for case_id, notice_id, opens_at, closes_at, zone in rows
    ]


def unanswered(query: Select[*tuple[Any, ...]], at: datetime) -> Select[*tuple[Any, ...]]:
    """The query narrowed to cases whose window runs and whose client has not answered.

    Joins notice, agreement and change. Not among them: notices that are not served, or were given
    by other ways; withdrawn changes; agreements that have ended or may have; cases that were
    closed before; clients of whom a mail lies unread.
    """
    return (
        query.join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(
            CaseRow.state.in_([state.value for state in WAITING_STATES]),
            CaseRow.opens_at <= at,
            CaseRow.closes_at > at,
            NoticeRow.state == NoticeState.SERVED.value,
            ChangeRow.state != ChangeState.WITHDRAWN.value,
            or_(AgreementRow.ended_on.is_(None), AgreementRow.ended_on > (at + _ANY_ZONE).date()),
            ~_answered(),
            ~exists().where(OutcomeRow.case_id == CaseRow.id),
            ~exists().where(BroughtInNoticeRow.notice_id == CaseRow.notice_id),
            nothing_waits(AgreementRow.client_id),
        )
    )


def _answered() -> ColumnElement[bool]:
    """The client said something about the case or the whole notice; that it got it is none."""
    return exists().where(
        ResponseRow.notice_id == CaseRow.notice_id,
        or_(ResponseRow.case_id.is_(None), ResponseRow.case_id == CaseRow.id),
        ResponseRow.kind.not_in([kind.value for kind in NO_ANSWER]),
    )


def list_unanswered(
    session: Session, notice_ids: Collection[int], *, at: datetime
) -> dict[int, frozenset[int]]:
    """The unanswered cases of these notices, by notice; a notice without any is left out."""
    query = unanswered(select(CaseRow.notice_id, CaseRow.id), at)
    found: dict[int, set[int]] = {}
    for notice_id, case_id in session.execute(query.where(CaseRow.notice_id.in_(notice_ids))):
        found.setdefault(notice_id, set()).add(case_id)
    return {notice_id: frozenset(cases) for notice_id, cases in found.items()}


def list_not_reminded(
    session: Session, notice_ids: Collection[int], kind: ReminderKind
) -> frozenset[int]:
    """Those of these notices of whose present serving nobody was reminded so, but for those of
    releases whose mails are paused."""
    rows = session.scalars(
        select(NoticeRow.id)
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
        .where(
            NoticeRow.id.in_(notice_ids),
            ReleaseRow.sending_paused_at.is_(None),
            ~exists().where(
                MessageRow.notice_id == NoticeRow.id,
                MessageRow.purpose == MessagePurpose.REMINDER.value,
                MessageRow.serving_number == NoticeRow.serving_number,
                MessageRow.logical_key.endswith(f":{kind.value}"),
            ),
        )
    )
    return frozenset(rows)


def to_be_reminded(
    columns: Sequence[Any], notice_ids: Collection[int], at: datetime
) -> Select[Any]:
    """`columns` of NoticeRow, ContactRow and MessageRow (the notice mail), one row for each
    contact to be reminded of these notices, which are unanswered.

    Who got the notice by mail at this address more than a day ago, is still a contact of the
    agreement, and of whom nothing of this notice came back or was refused since. Never within a
    day of another reminder.
    """
    return (
        select(*columns)
        .select_from(MessageRow)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(
            MessageRow.notice_id.in_(notice_ids),
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.channel == Channel.EMAIL.value,
            MessageRow.serving_number == NoticeRow.serving_number,
            MessageRow.handed_over_at <= at - APART,
            *_still_reached(),
            ~_reminded_since(at - APART),
        )
        .order_by(NoticeRow.id, ContactRow.id)
    )


def _still_reached() -> tuple[ColumnElement[bool], ...]:
    later = aliased(MessageRow)
    return (
        MessageRow.state == MessageState.HANDED_OVER.value,
        MessageRow.bounced_at.is_(None),
        MessageRow.link_revoked_at.is_(None),
        ContactRow.email == MessageRow.to_address,
        exists().where(
            AgreementContactRow.agreement_id == NoticeRow.agreement_id,
            AgreementContactRow.contact_id == ContactRow.id,
            AgreementContactRow.ended_on.is_(None),
        ),
        ~exists().where(
            later.notice_id == MessageRow.notice_id,
            later.contact_id == MessageRow.contact_id,
            later.to_address == MessageRow.to_address,
            later.id > MessageRow.id,
            or_(later.state == MessageState.REJECTED.value, later.bounced_at.is_not(None)),
        ),
    )


def _reminded_since(instant: datetime) -> ColumnElement[bool]:
    other = aliased(MessageRow)
    return exists().where(
        and_(
            other.notice_id == MessageRow.notice_id,
            other.contact_id == MessageRow.contact_id,
            other.purpose == MessagePurpose.REMINDER.value,
            other.queued_at > instant,
        )
    )


def list_notice_subjects(
    session: Session, notice_ids: Collection[int]
) -> Mapping[tuple[int, int], str]:
    """The subject of the last notice mail, by (notice, contact): what a reminder answers to."""
    rows = session.execute(
        select(MessageRow.notice_id, MessageRow.contact_id, MessageRow.subject)
        .where(
            MessageRow.notice_id.in_(notice_ids),
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.subject.is_not(None),
            MessageRow.contact_id.is_not(None),
        )
        .order_by(MessageRow.serving_number)
    )
    return {(row.notice_id, row.contact_id): row.subject for row in rows}
