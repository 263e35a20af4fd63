"""Letters from clients as they are stored and tied: whose they are, and what they said."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.storage.insert_once import insert_once, insert_or_nothing
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ClientRow,
    IncomingLetterRow,
    LetterResponseRow,
    NoticeRow,
    ResponseRow,
)


@dataclass(frozen=True, slots=True)
class LetterTie:
    """What a letter is tied to; whoever changes it says so anew."""

    notice_id: int | None
    client_id: int | None


def find_notice_by_reference(session: Session, reference: str) -> int | None:
    """The notice that a reference names: its own, or that of a response recorded for it."""
    if not reference:
        return None
    found = session.scalar(select(NoticeRow.id).where(NoticeRow.reference == reference))
    if found is not None:
        return found
    return session.scalar(
        select(ResponseRow.notice_id).where(ResponseRow.reference == reference).limit(1)
    )


def find_client_of_notice(session: Session, notice_id: int) -> int | None:
    return session.scalar(
        select(AgreementRow.client_id)
        .join(NoticeRow, NoticeRow.agreement_id == AgreementRow.id)
        .where(NoticeRow.id == notice_id)
    )


def get_client_name(session: Session, client_id: int) -> str:
    """Raises NotFound."""
    name = session.scalar(select(ClientRow.name).where(ClientRow.id == client_id))
    if name is None:
        raise NotFound
    return name


def find_first_case(session: Session, notice_id: int) -> int | None:
    """One case of the notice: the first that has no outcome, else the first."""
    return session.scalar(
        select(CaseRow.id)
        .where(CaseRow.notice_id == notice_id)
        .order_by(CaseRow.outcome.is_not(None), CaseRow.id)
        .limit(1)
    )


def search_clients(session: Session, asked: str, *, limit: int = 20) -> list[tuple[int, str]]:
    """(id, name) of clients whose name holds these words."""
    words = asked.strip().lower()
    if not words:
        return []
    rows = session.execute(
        select(ClientRow.id, ClientRow.name)
        .where(func.lower(ClientRow.name).contains(words, autoescape=True))
        .order_by(ClientRow.name)
        .limit(limit)
    )
    return [(row.id, row.name) for row in rows]


def find_by_form_token(session: Session, token: str) -> int | None:
    """The letter that this form was recorded as before."""
    if not token:
        return None
    return session.scalar(select(IncomingLetterRow.id).where(IncomingLetterRow.form_token == token))


def append_letter_row(session: Session, values: Mapping[str, Any]) -> int | None:
    """Store a letter; its id, or None where the same form was stored meanwhile."""
    return session.scalar(
        insert_or_nothing(session, IncomingLetterRow)
        .values(dict(values))
        .returning(IncomingLetterRow.id)
    )


def get_letter_tie(session: Session, letter_id: int) -> LetterTie:
    """As it is now. Raises NotFound."""
    row = session.execute(
        select(IncomingLetterRow.notice_id, IncomingLetterRow.client_id).where(
            IncomingLetterRow.id == letter_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return LetterTie(row.notice_id, row.client_id)


def lock_letter(session: Session, letter_id: int) -> IncomingLetterRow:
    """The letter as it is now, locked after its cases. Raises NotFound."""
    row = session.scalars(
        select(IncomingLetterRow)
        .where(IncomingLetterRow.id == letter_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def link_responses(session: Session, letter_id: int, response_ids: Collection[int]) -> None:
    """These responses were recorded from the letter; told twice it is one."""
    insert_once(
        session,
        LetterResponseRow,
        [{"response_id": x, "incoming_letter_id": letter_id} for x in response_ids],
    )


def list_letter_responses(session: Session, letter_id: int) -> tuple[int, ...]:
    """The responses that were recorded from a letter."""
    rows = session.scalars(
        select(LetterResponseRow.response_id)
        .where(LetterResponseRow.incoming_letter_id == letter_id)
        .order_by(LetterResponseRow.response_id)
    )
    return tuple(rows)


def list_letter_cases(session: Session, letter_id: int) -> set[int]:
    """The cases that its responses speak of, where they name any."""
    rows = session.scalars(
        select(ResponseRow.case_id)
        .join(LetterResponseRow, LetterResponseRow.response_id == ResponseRow.id)
        .where(LetterResponseRow.incoming_letter_id == letter_id, ResponseRow.case_id.is_not(None))
    )
    return {x for x in rows if x is not None}
