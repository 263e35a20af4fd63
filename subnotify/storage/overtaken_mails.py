"""Mails about notices of which nothing stands any more, and who may have heard of such a notice.

Nothing stands of a notice when each of its cases ended whatever the client would have answered:
its changes were withdrawn, or its agreement ended. A case in which the client terminated stands
(DESIGN section 3 item 13), and its notice with it: the day of the termination may hang on it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from subnotify.rules.cases import OVERTAKEN
from subnotify.rules.words import AttemptResult, MessagePurpose, MessageState, Outcome
from subnotify.storage.letters import is_with_printer, mark_letters_cancelled
from subnotify.storage.releases import list_case_ids
from subnotify.storage.sending_pauses import WAITING
from subnotify.storage.tables import (
    AttemptRow,
    CaseRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    ResponseRow,
    SealedMailRow,
)

# They speak of a whole notice, or of one case of it. A later deadline is told of either.
_OF_NOTICE = (MessagePurpose.NOTICE, MessagePurpose.REMINDER, MessagePurpose.WINDOW_LONGER)
_OF_CASE = (MessagePurpose.POSTPONED, MessagePurpose.OBJECTION_STEP)
MAY_BE_OVERTAKEN = (*_OF_NOTICE, *_OF_CASE)
_UNSENT = (*WAITING, MessageState.PAUSED, MessageState.PARKED)
_CHUNK = 500

_MESSAGES = cast(Table, MessageRow.__table__)


@dataclass(frozen=True, slots=True)
class OvertakenMail:
    """outcome: how what it speaks of ended. reply: what was said of it last.

    may_have_arrived: nobody knows what came of an attempt to hand it over.
    """

    id: int
    notice_id: int
    logical_key: str
    purpose: MessagePurpose
    state: MessageState
    reply: str
    outcome: Outcome
    may_have_arrived: bool


def is_overtaken(notice_id: Any) -> ColumnElement[bool]:
    """Nothing of this notice (a column) stands any more. One without cases is none of those."""
    of_notice, standing = aliased(CaseRow), aliased(CaseRow)
    return and_(
        exists().where(of_notice.notice_id == notice_id, of_notice.outcome.in_(OVERTAKEN)),
        ~exists().where(
            standing.notice_id == notice_id,
            or_(standing.outcome.is_(None), standing.outcome.not_in(OVERTAKEN)),
        ),
    )


def may_have_heard() -> ColumnElement[bool]:
    """Somebody of this notice's client (NoticeRow) knows of it, may know, or will.

    It was handed over and did not come back; an attempt is under way or ended nobody knows how;
    it was given by another way, or answered. Or its bytes are sealed and will still leave: they
    say what was announced then, and are never built anew.
    """
    return or_(
        NoticeRow.served_at.is_not(None),
        _mail(MessageRow.handed_over_at.is_not(None), MessageRow.bounced_at.is_(None)),
        # Claimed, and perhaps being built with what was announced then: no attempt on record yet.
        _mail(MessageRow.state == MessageState.SENDING),
        _mail(_in_doubt()),
        # Nobody calls back what the printer has.
        _mail(MessageRow.state != MessageState.CANCELLED, is_with_printer()),
        and_(
            _mail(
                MessageRow.state.in_((*WAITING, MessageState.PAUSED)),
                exists().where(SealedMailRow.message_id == MessageRow.id),
            ),
            ~is_overtaken(NoticeRow.id),
        ),
        exists().where(ReceiptProofRow.notice_id == NoticeRow.id),
        exists().where(ResponseRow.notice_id == NoticeRow.id),
    )


def lock_of_change(session: Session, change_id: int) -> list[int]:
    """Lock the notices of a change, their cases and their unsent mails, in this order; the ids of
    its cases.

    Whoever is claiming one of these mails has its row locked: whether it leaves is known then.
    """
    notices = select(CaseRow.notice_id).where(CaseRow.change_id == change_id)
    unsent = and_(MessageRow.notice_id.in_(notices), MessageRow.state.in_(_UNSENT))
    for key, condition in (
        (NoticeRow.id, NoticeRow.id.in_(notices)),
        (CaseRow.id, CaseRow.notice_id.in_(notices)),
        (MessageRow.id, unsent),
    ):
        query = select(key).where(condition).order_by(key)
        session.execute(query.with_for_update(key_share=True)).all()
    return list_case_ids(session, change_id)


def list_overtaken_of_notices(session: Session, notice_ids: Sequence[int]) -> list[OvertakenMail]:
    """The mails of these notices that have not left and are overtaken."""
    unsent = MessageRow.state.in_(_UNSENT)
    return _list(session, _mails().where(MessageRow.notice_id.in_(notice_ids), unsent))


def list_overtaken_of(
    session: Session, message_ids: Collection[int], notice_ids: Collection[int]
) -> list[OvertakenMail]:
    """Those of these mails (about these notices) that are overtaken."""
    if not notice_ids:
        return []
    # Nearly always there is none, which one range of the index says sooner than hundreds of ids.
    among = CaseRow.notice_id.between(min(notice_ids), max(notice_ids))
    if not session.scalar(select(exists().where(among, CaseRow.outcome.in_(OVERTAKEN)))):
        return []
    return _list(session, _mails().where(MessageRow.id.in_(message_ids)))


def mark_cancelled(session: Session, reasons: Mapping[str, Sequence[int]]) -> None:
    """These mails (ids by reason) are not sent any more."""
    for reason, ids in reasons.items():
        for start in range(0, len(ids), _CHUNK):
            session.execute(
                update(_MESSAGES)
                .where(MessageRow.id.in_(ids[start : start + _CHUNK]))
                .values(
                    state=MessageState.CANCELLED,
                    last_reply=reason,
                    paused_from=None,
                    next_attempt_at=None,
                    slot_at=None,
                    claimed_by=None,
                    claimed_until_at=None,
                )
            )
            mark_letters_cancelled(session, ids[start : start + _CHUNK])


def _list(session: Session, query: Select[*tuple[Any, ...]]) -> list[OvertakenMail]:
    return [
        OvertakenMail(
            row.id,
            row.notice_id,
            row.logical_key,
            MessagePurpose(row.purpose),
            MessageState(row.state),
            row.reply,
            Outcome.CHANGE_WITHDRAWN if row.is_withdrawn else Outcome.AGREEMENT_ENDED,
            row.may_have_arrived,
        )
        for row in session.execute(query.order_by(MessageRow.id))
    ]


def _mails() -> Select[*tuple[Any, ...]]:
    """Overtaken mails, whatever their state."""
    of_notice = MessageRow.purpose.in_(_OF_NOTICE)
    is_withdrawn = exists().where(
        CaseRow.notice_id == MessageRow.notice_id, CaseRow.outcome == Outcome.CHANGE_WITHDRAWN
    )
    return select(
        MessageRow.id,
        MessageRow.notice_id,
        MessageRow.logical_key,
        MessageRow.purpose,
        MessageRow.state,
        func.coalesce(MessageRow.last_reply, "").label("reply"),
        is_withdrawn.label("is_withdrawn"),
        _in_doubt().label("may_have_arrived"),
    ).where(
        MessageRow.notice_id.is_not(None),
        ~is_with_printer(),
        or_(
            and_(of_notice, is_overtaken(MessageRow.notice_id)),
            and_(
                MessageRow.purpose.in_((*_OF_CASE, MessagePurpose.WINDOW_LONGER)),
                exists().where(CaseRow.id == MessageRow.case_id, CaseRow.outcome.in_(OVERTAKEN)),
            ),
        ),
    )


def _in_doubt() -> ColumnElement[bool]:
    unknown = or_(AttemptRow.result.is_(None), AttemptRow.result == AttemptResult.UNKNOWN)
    return exists().where(AttemptRow.message_id == MessageRow.id, unknown)


def _mail(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The notice has such a mail that carries it, of whatever serving."""
    return exists().where(
        MessageRow.notice_id == NoticeRow.id,
        MessageRow.purpose == MessagePurpose.NOTICE,
        *conditions,
    )
