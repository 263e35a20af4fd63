"""Everything that happened to a notice by mail and post, for one page: twelve queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.storage.incoming_file import MailCase, list_notice_cases
from subnotify.storage.incoming_letter_pages import ListedLetter, list_letters_of_notice
from subnotify.storage.incoming_pages import ListedMail, list_mails_of_notice
from subnotify.storage.overtaken_mails import is_overtaken
from subnotify.storage.paper_sides import PaperSide, list_paper
from subnotify.storage.responses import StoredResponse, list_responses
from subnotify.storage.tables import (
    AgreementRow,
    AttemptRow,
    ClientRow,
    ContactRow,
    DeliveryEventRow,
    EvidenceContentRow,
    EvidenceRow,
    MailResponseRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    ReleaseRow,
    TermsVersionRow,
)


@dataclass(frozen=True)
class NoticeMessage:
    """A message about the notice; contact: a name, or the address."""

    row: MessageRow
    contact: str


@dataclass(frozen=True)
class NoticeFact:
    """A fact of the evidence about the notice itself, or about a message of it.

    content: None once it was erased.
    """

    row: EvidenceRow
    content: Mapping[str, Any] | None


@dataclass(frozen=True)
class NoticeHistory:
    """Each list in the order of recording. zone: of the agreement's terms, None if unknown.

    paper: of the messages that are letters, by message id.
    by_mail: ids of the responses that were recorded from an incoming mail. cancelled: that
    messages about it are not sent any more. is_overtaken: nothing of it stands any more.
    """

    notice: NoticeRow
    release: ReleaseRow
    client: str
    agreement: str
    agreement_id: int
    zone: str | None
    cases: Sequence[MailCase]
    messages: Sequence[NoticeMessage]
    paper: Mapping[int, PaperSide]
    attempts: Sequence[AttemptRow]
    events: Sequence[DeliveryEventRow]
    proofs: Sequence[ReceiptProofRow]
    mails: Sequence[ListedMail]
    letters: Sequence[ListedLetter]
    responses: Sequence[StoredResponse]
    by_mail: Mapping[int, int]
    facts: Sequence[NoticeFact]
    cancelled: Sequence[NoticeFact]
    is_overtaken: bool


def load_notice_history(session: Session, notice_id: int) -> NoticeHistory:
    """Raises NotFound."""
    found = session.execute(
        select(NoticeRow, ReleaseRow, ClientRow.name, AgreementRow, TermsVersionRow.terms)
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(NoticeRow.id == notice_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    notice, release, client, agreement, terms = found
    of_notice = select(MessageRow.id).where(MessageRow.notice_id == notice_id)
    responses = list_responses(session, notice_id)
    messages = _messages(session, notice_id)
    return NoticeHistory(
        notice=notice,
        release=release,
        client=client,
        agreement=agreement.reference,
        agreement_id=agreement.id,
        zone=(terms or {}).get("counting", {}).get("time_zone"),
        cases=list_notice_cases(session, notice_id),
        messages=messages,
        paper=list_paper(session, [one.row.id for one in messages]),
        attempts=session.scalars(
            select(AttemptRow).where(AttemptRow.message_id.in_(of_notice)).order_by(AttemptRow.id)
        ).all(),
        events=session.scalars(
            select(DeliveryEventRow)
            .where(DeliveryEventRow.message_id.in_(of_notice))
            .order_by(DeliveryEventRow.id)
        ).all(),
        proofs=session.scalars(
            select(ReceiptProofRow)
            .where(ReceiptProofRow.notice_id == notice_id)
            .order_by(ReceiptProofRow.id)
        ).all(),
        mails=list_mails_of_notice(session, notice_id),
        letters=list_letters_of_notice(session, notice_id),
        responses=responses,
        by_mail=_by_mail(session, [response.id for response in responses]),
        facts=_facts(
            session, EvidenceRow.object_type == "notice", EvidenceRow.object_id == notice_id
        ),
        cancelled=_facts(
            session,
            EvidenceRow.object_type == "message",
            EvidenceRow.object_id.in_(of_notice),
            EvidenceRow.type == "message_cancelled",
        ),
        is_overtaken=bool(session.scalar(select(is_overtaken(notice_id)))),
    )


def _messages(session: Session, notice_id: int) -> Sequence[NoticeMessage]:
    rows = session.execute(
        select(MessageRow, ContactRow.name)
        .outerjoin(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(MessageRow.notice_id == notice_id)
        .order_by(MessageRow.id)
        .execution_options(populate_existing=True)
    )
    return [NoticeMessage(row, name or row.to_address or "") for row, name in rows]


def _by_mail(session: Session, response_ids: Sequence[int]) -> dict[int, int]:
    """The mail that said it, by response."""
    rows = session.execute(
        select(MailResponseRow.response_id, MailResponseRow.incoming_mail_id).where(
            MailResponseRow.response_id.in_(response_ids)
        )
    )
    return {row.response_id: row.incoming_mail_id for row in rows}


def _facts(session: Session, *conditions: ColumnElement[bool]) -> Sequence[NoticeFact]:
    rows = session.execute(
        select(EvidenceRow, EvidenceContentRow.content)
        .outerjoin(EvidenceContentRow, EvidenceContentRow.evidence_id == EvidenceRow.id)
        .where(*conditions)
        .order_by(EvidenceRow.id)
    )
    return [NoticeFact(row, content) for row, content in rows]
