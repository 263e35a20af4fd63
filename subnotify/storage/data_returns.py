"""The data of clients whose services ended: what is still to be returned or destroyed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.terms_words import DataAtEnd
from subnotify.rules.words import Outcome
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ClientRow,
    DataReturnRow,
)

MOST_SHOWN = 500


@dataclass(frozen=True)
class OwedData:
    """A client's data that is still to be dealt with. due_on None: the terms set no day."""

    case_id: int
    client: str
    agreement: str
    wanted: DataAtEnd
    choice: DataAtEnd | None
    ended_on: date
    due_on: date | None

    @property
    def waits_for_choice(self) -> bool:
        return self.wanted is DataAtEnd.CLIENT_CHOOSES and self.choice is None


@dataclass(frozen=True)
class OwedCount:
    """How many clients' data is owed, and by when the first."""

    count: int
    first_due_on: date | None


def find_data_return(session: Session, case_id: int) -> DataReturnRow | None:
    """What a case's termination left to do about data; None where it ended nothing."""
    return session.scalar(select(DataReturnRow).where(DataReturnRow.case_id == case_id))


def lock_data_return(session: Session, case_id: int) -> DataReturnRow:
    """The same to be changed. Raises NotFound."""
    row = session.scalar(
        select(DataReturnRow)
        .where(DataReturnRow.case_id == case_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True)
class OwedOfMail:
    """What a mail to legal says of a client's data."""

    wanted: str
    choice: str | None
    due_on: date | None


def load_owed(session: Session, case_ids: Collection[int]) -> Mapping[int, OwedOfMail]:
    """Of these cases what is still owed."""
    rows = session.execute(
        select(
            DataReturnRow.case_id,
            DataReturnRow.wanted,
            DataReturnRow.choice,
            DataReturnRow.due_on,
        )
        .join(CaseRow, CaseRow.id == DataReturnRow.case_id)
        .where(DataReturnRow.case_id.in_(list(case_ids)), *_OWED)
    )
    return {row.case_id: OwedOfMail(row.wanted, row.choice, row.due_on) for row in rows}


def is_owed() -> tuple[ColumnElement[bool], ...]:
    """What makes a row of data returns, joined with its case, still owed."""
    return _OWED


# A termination whose record was corrected owes nothing for now.
_OWED: tuple[ColumnElement[bool], ...] = (
    DataReturnRow.done_at.is_(None),
    CaseRow.outcome == Outcome.TERMINATED.value,
)


def list_owed_data(session: Session) -> Sequence[OwedData]:
    """Data still to be returned or destroyed, the earliest day first."""
    rows = session.execute(
        select(
            DataReturnRow.case_id,
            ClientRow.name,
            AgreementRow.reference,
            DataReturnRow.wanted,
            DataReturnRow.choice,
            DataReturnRow.ended_on,
            DataReturnRow.due_on,
        )
        .join(CaseRow, CaseRow.id == DataReturnRow.case_id)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(*_OWED)
        .order_by(DataReturnRow.due_on.asc().nulls_last(), DataReturnRow.id)
        .limit(MOST_SHOWN)
    )
    return [
        OwedData(
            case_id,
            client,
            agreement,
            DataAtEnd(wanted),
            DataAtEnd(choice) if choice else None,
            ended_on,
            due_on,
        )
        for case_id, client, agreement, wanted, choice, ended_on, due_on in rows
    ]


def count_owed_data(session: Session) -> OwedCount:
    """For the board: one query."""
    count, first = session.execute(
        select(func.count(DataReturnRow.id), func.min(DataReturnRow.due_on))
        .join(CaseRow, CaseRow.id == DataReturnRow.case_id)
        .where(*_OWED)
    ).one()
    return OwedCount(count, first)
