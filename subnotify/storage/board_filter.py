"""Which cases the board's filter lets through, as conditions on `cases`."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.lanes import Due, DueKind
from subnotify.rules.search_words import typed_words
from subnotify.rules.words import CaseState, HoldReason
from subnotify.storage.due_days import begins_on, clock_ends_on, data_is_due_on, window_ends_on
from subnotify.storage.id_lists import among
from subnotify.storage.search_words import Found, begins_so, find_words
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    AgreementWordRow,
    CaseRow,
    ChangeRow,
    ChangeServiceRow,
    DataReturnRow,
)
from subnotify.storage.waiting_counts import held_for


@dataclass(frozen=True)
class BoardFilter:
    """What the board shows; all of it must hold. search: beginnings of words of the client's name,
    the references or the subprocessor. country: the client's. is_unowned: nobody looks after it.
    holds: held for one of these. due: what ends or begins for them on a day."""

    search: str = ""
    states: tuple[CaseState, ...] = ()
    client_id: int | None = None
    change_id: int | None = None
    release_id: int | None = None
    service_id: int | None = None
    country: str = ""
    language: str = ""
    owner: str = ""
    is_unowned: bool = False
    holds: tuple[HoldReason, ...] = ()
    due: Due | None = None

    @property
    def is_narrow(self) -> bool:
        return self != BoardFilter()


def conditions(session: Session, shown: BoardFilter) -> list[ColumnElement[bool]]:
    """For a query of cases. Two queries where words are searched, one where a service is."""
    words = typed_words(shown.search)
    if shown.search.strip() and not words:
        # Nothing but punctuation: nothing is called so.
        return [CaseRow.id.is_(None)]
    found = [
        *_of_the_case(shown),
        *_of_the_change(session, shown),
        *(_has_word(one) for one in find_words(session, words)),
    ]
    if shown.client_id is not None:
        named = select(AgreementRow.id).where(AgreementRow.client_id == shown.client_id)
        found.append(CaseRow.agreement_id.in_(named))
    if shown.due is not None:
        found.append(_is_due(shown.due))
    return found


def _is_due(due: Due) -> ColumnElement[bool]:
    match due.kind:
        case DueKind.WINDOW:
            return window_ends_on(due.after, due.until)
        case DueKind.OBJECTION:
            return clock_ends_on(due.after, due.until)
        case DueKind.COMMENCEMENT:
            return CaseRow.change_id.in_(select(ChangeRow.id).where(begins_on(due.day)))
        case DueKind.DATA:
            owed = select(DataReturnRow.case_id).join(CaseRow, CaseRow.id == DataReturnRow.case_id)
            return CaseRow.id.in_(owed.where(data_is_due_on(due.day)).correlate(None))


def _of_the_service(session: Session, service_id: int) -> ColumnElement[bool]:
    """The change is about the service, and the agreement bought it.

    Who has a case bought one of the change's services: asked is only where there are several.
    """
    services = func.count(ChangeServiceRow.service_id)
    about = session.execute(
        select(ChangeServiceRow.change_id, services.label("services"))
        .where(
            ChangeServiceRow.change_id.in_(
                select(ChangeServiceRow.change_id).where(ChangeServiceRow.service_id == service_id)
            )
        )
        .group_by(ChangeServiceRow.change_id)
    ).all()
    alone = among(CaseRow.change_id, [row.change_id for row in about if row.services == 1])
    among_others = [row.change_id for row in about if row.services > 1]
    if not among_others:
        return alone
    return or_(alone, and_(among(CaseRow.change_id, among_others), _buys(service_id)))


def _buys(service_id: int) -> ColumnElement[bool]:
    """Asked of one case after the other, by the index of what its agreement bought."""
    bought = (
        select(AgreementServiceRow.id)
        .where(
            AgreementServiceRow.agreement_id == CaseRow.agreement_id,
            AgreementServiceRow.service_id == service_id,
        )
        .correlate(CaseRow)
        .scalar_subquery()
    )
    return bought.is_not(None)


def _of_the_case(shown: BoardFilter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shown.states:
        found.append(CaseRow.state.in_([state.value for state in shown.states]))
    if shown.holds:
        # No other case has reasons: without its state each of the many would be read for them.
        doubted = (CaseState.HOLD.value, CaseState.OBJECTED.value)
        found += [CaseRow.state.in_(doubted), held_for(shown.holds)]
    if shown.country:
        found.append(CaseRow.country == shown.country)
    if shown.language:
        found.append(CaseRow.language == shown.language)
    if shown.owner:
        found.append(CaseRow.owner == shown.owner)
    if shown.is_unowned:
        found.append(CaseRow.owner.is_(None))
    return found


def _of_the_change(session: Session, shown: BoardFilter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shown.change_id is not None:
        found.append(CaseRow.change_id == shown.change_id)
    if shown.release_id is not None:
        released = select(ChangeRow.id).where(ChangeRow.release_id == shown.release_id)
        found.append(CaseRow.change_id.in_(released))
    if shown.service_id is not None:
        found.append(_of_the_service(session, shown.service_id))
    return found


def _has_word(found: Found) -> ColumnElement[bool]:
    if found.agreement_ids is None:
        # Asked of one case after the other: soon there are as many as a page shows.
        has_it = (
            select(AgreementWordRow.agreement_id)
            .where(
                AgreementWordRow.agreement_id == CaseRow.agreement_id,
                begins_so(found.prefix, AgreementWordRow.word),
            )
            .correlate(CaseRow)
            .limit(1)
            .scalar_subquery()
        )
        by_agreement: ColumnElement[bool] = has_it.is_not(None)
    else:
        by_agreement = among(CaseRow.agreement_id, found.agreement_ids)
    if not found.change_ids:
        return by_agreement
    return or_(by_agreement, among(CaseRow.change_id, found.change_ids))
