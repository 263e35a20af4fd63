"""Notices for which a registered letter may follow their mail: read set-based, by page.

Left alone: releases whose mails a person holds back, changes that were withdrawn, agreements that
have ended or may have, clients that answered, and those of whom a mail or letter lies unread.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from subnotify.rules.case_facts import NO_ANSWER
from subnotify.rules.serving import Proof
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import (
    ChangeState,
    Channel,
    ContactKind,
    LetterState,
    MessagePurpose,
    MessageState,
    NoticeState,
    ProofKind,
    ResponseState,
)
from subnotify.storage.concerned import contact_is_designated
from subnotify.storage.id_lists import among
from subnotify.storage.mail_readings import nothing_waits
from subnotify.storage.notice_ways import has_postal_address
from subnotify.storage.stored_terms import read_terms, terms_text
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    CaseRow,
    ChangeRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    ReleaseRow,
    ResponseRow,
    TermsVersionRow,
)

# No zone is further than this from UTC: an agreement that may have ended is left alone.
_ANY_ZONE = timedelta(days=1)
CAME_BACK = (LetterState.RETURNED.value, LetterState.UNCLAIMED.value)


@dataclass(frozen=True, slots=True)
class Dispatched:
    """A notice that left and is not served. digest: equal for equal terms."""

    notice_id: int
    dispatched_at: datetime
    terms_id: int
    digest: str


@dataclass(frozen=True, slots=True)
class Rung:
    """A designated contact with a postal address to whom this serving sent no registered letter.

    proofs: of receipt by this contact, in this serving.
    """

    notice_id: int
    contact_id: int
    serving_number: int
    dispatched_at: datetime | None
    terms: NoticeTerms | None
    proofs: tuple[Proof, ...] = ()


def list_dispatched(session: Session, *, after: int, limit: int) -> Sequence[Dispatched]:
    """The next page of notices that left and are not served, by id, behind `after`."""
    rows = session.execute(
        select(NoticeRow.id, NoticeRow.dispatched_at, TermsVersionRow.id, TermsVersionRow.digest)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(
            NoticeRow.state == NoticeState.SERVING.value,
            NoticeRow.dispatched_at.is_not(None),
            NoticeRow.id > after,
        )
        .order_by(NoticeRow.id)
        .limit(limit)
    )
    return [Dispatched(id_, at, terms_id, digest) for id_, at, terms_id, digest in rows if at]


def load_terms(session: Session, terms_ids: Collection[int]) -> dict[int, NoticeTerms]:
    """These versions of terms, by id."""
    rows = session.execute(
        select(TermsVersionRow.id, terms_text()).where(among(TermsVersionRow.id, terms_ids))
    )
    return {row.id: read_terms(row.terms) for row in rows}


def list_unproved(
    session: Session, notice_ids: Collection[int], *, on: date, at: datetime
) -> list[Rung]:
    """The contacts of these notices whom the notice left for, whether the days are over or not."""
    left = exists().where(*_message(), MessageRow.handed_over_at.is_not(None))
    query = _rungs(on, at).where(
        among(NoticeRow.id, notice_ids), NoticeRow.state == NoticeState.SERVING.value, left
    )
    proofs = _list_proofs(session, notice_ids)
    return [
        Rung(
            row.id,
            row.contact_id,
            row.serving_number,
            row.dispatched_at,
            read_terms(row.terms) if row.terms else None,
            tuple(proofs[row.id, row.contact_id]),
        )
        for row in session.execute(query)
    ]


def list_dead(
    session: Session,
    *,
    on: date,
    at: datetime,
    notice_ids: Collection[int] | None = None,
) -> list[Rung]:
    """The contacts whose mail was refused or came back, of notices that are not served and whose
    terms may let a letter follow; of these notices, or all."""
    query = _rungs(on, at).where(
        NoticeRow.state == NoticeState.NOT_SERVED.value,
        or_(
            TermsVersionRow.notice_channels.contains("post"),
            TermsVersionRow.terms["receipt_fallback_days"].as_integer().is_not(None),
        ),
        exists().where(*_message(), MessageRow.channel == Channel.EMAIL.value, mail_failed()),
    )
    if notice_ids is not None:
        query = query.where(among(NoticeRow.id, notice_ids))
    return [
        Rung(
            row.id,
            row.contact_id,
            row.serving_number,
            row.dispatched_at,
            read_terms(row.terms) if row.terms else None,
        )
        for row in session.execute(query)
    ]


def has_failed_mail(session: Session, notice_id: int) -> bool:
    """Whether mail of the notice's present serving to a designated contact was refused or came
    back."""
    found = session.scalar(
        select(MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            MessageRow.notice_id == notice_id,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            MessageRow.serving_number == NoticeRow.serving_number,
            MessageRow.channel == Channel.EMAIL.value,
            mail_failed(),
        )
        .limit(1)
    )
    return found is not None


def mail_failed() -> ColumnElement[bool]:
    """The address refused the mail, or a permanent bounce came back. What was set aside may still
    leave."""
    return or_(MessageRow.state == MessageState.REJECTED.value, MessageRow.bounced_at.is_not(None))


def _rungs(on: date, at: datetime) -> Select[*tuple[Any, ...]]:
    """Designated contacts of notices that a letter may follow, by notice and contact. on: the
    vendor's day."""
    return (
        select(
            NoticeRow.id,
            ContactRow.id.label("contact_id"),
            NoticeRow.serving_number,
            NoticeRow.dispatched_at,
            terms_text(),
        )
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            ReleaseRow.sending_paused_at.is_(None),
            or_(AgreementRow.ended_on.is_(None), AgreementRow.ended_on > (at + _ANY_ZONE).date()),
            AgreementContactRow.kind == ContactKind.NOTICE.value,
            contact_is_designated(on),
            has_postal_address(),
            _waits_for_answer(),
            ~exists().where(*_message(), MessageRow.channel == Channel.REGISTERED_POST.value),
            ~exists().where(
                *_message(),
                LetterRow.message_id == MessageRow.id,
                LetterRow.state.in_(CAME_BACK),
            ),
        )
        .distinct()
        .order_by(NoticeRow.id, ContactRow.id)
    )


def _message() -> tuple[ColumnElement[bool], ...]:
    """The joined contact's message of the joined notice's present serving."""
    return (
        MessageRow.notice_id == NoticeRow.id,
        MessageRow.contact_id == ContactRow.id,
        MessageRow.purpose == MessagePurpose.NOTICE.value,
        MessageRow.contact_kind == ContactKind.NOTICE.value,
        MessageRow.serving_number == NoticeRow.serving_number,
    )


def _waits_for_answer() -> ColumnElement[bool]:
    """A change of the notice stands and waits, and its client said nothing of it.

    That it got the notice is no answer; nor is what waits for its code, or somebody disowned.
    """
    case, change = aliased(CaseRow), aliased(ChangeRow)
    return and_(
        exists().where(
            case.notice_id == NoticeRow.id,
            case.outcome.is_(None),
            change.id == case.change_id,
            change.state != ChangeState.WITHDRAWN.value,
        ),
        ~exists().where(
            ResponseRow.notice_id == NoticeRow.id,
            ResponseRow.kind.not_in([kind.value for kind in NO_ANSWER]),
            ResponseRow.state == ResponseState.EFFECTIVE.value,
            ResponseRow.disowned_at.is_(None),
        ),
        nothing_waits(AgreementRow.client_id),
    )


def _list_proofs(
    session: Session, notice_ids: Collection[int]
) -> dict[tuple[int, int], list[Proof]]:
    """The proofs of the present serving of each of these notices, by notice and contact."""
    rows = session.execute(
        select(
            MessageRow.notice_id, MessageRow.contact_id, ReceiptProofRow.kind, ReceiptProofRow.at
        )
        .join(MessageRow, MessageRow.id == ReceiptProofRow.message_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            among(ReceiptProofRow.notice_id, notice_ids),
            MessageRow.serving_number == NoticeRow.serving_number,
        )
    )
    found: defaultdict[tuple[int, int], list[Proof]] = defaultdict(list)
    for notice_id, contact_id, kind, at in rows:
        found[notice_id or 0, contact_id or 0].append(Proof(ProofKind(kind), at))
    return found
