"""Which cases the board's filter lets through, as conditions on `cases`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.search_words import typed_words
from subnotify.rules.words import CaseState, HoldReason
from subnotify.storage.id_lists import among
from subnotify.storage.search_words import Found, begins_so, find_words
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    AgreementWordRow,
    CaseRow,
    ChangeRow,
    ChangeServiceRow,
)
from subnotify.storage.waiting_counts import held_for


@dataclass(frozen=True)
class BoardFilter:
    """What the board shows; all of it must hold. search: beginnings of words of the client's name,
    the references or the subprocessor. country: the client's. is_unowned: nobody looks after it.
    holds: held for one of these."""

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

    @property
    def is_narrow(self) -> bool:
        return self != BoardFilter()


@dataclass(frozen=True)
class Wanted:
    """Conditions on cases, for two kinds of queries.

    first: for the first cases in an order, of which each is looked up. all: for many of them at
    once, where the agreements concerned are found once for the whole statement.
    """

    first: list[ColumnElement[bool]]
    all: list[ColumnElement[bool]]


def conditions(session: Session, shown: BoardFilter) -> Wanted:
    """One query of its own where words are searched, else none."""
    words = typed_words(shown.search)
    if shown.search.strip() and not words:
        # Nothing but punctuation: nothing is called so.
        return Wanted([CaseRow.id.is_(None)], [CaseRow.id.is_(None)])
    found = [
        *_of_the_case(shown),
        *_of_the_change(session, shown),
        *(
            _has_word(prefix, found)
            for prefix, found in zip(words, find_words(session, words), strict=True)
        ),
    ]
    if shown.client_id is not None:
        named = select(AgreementRow.id).where(AgreementRow.client_id == shown.client_id)
        found.append(CaseRow.agreement_id.in_(named))
    if shown.service_id is None:
        return Wanted(found, found)
    return Wanted(
        [*found, _buys(shown.service_id)],
        [*found, CaseRow.agreement_id.in_(_buyers(shown.service_id))],
    )


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


def _buyers(service_id: int) -> Select[Any]:
    """All of them at once."""
    once = (
        select(AgreementServiceRow.agreement_id)
        .where(AgreementServiceRow.service_id == service_id)
        .cte("buyers")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return select(once.c.agreement_id)


def _of_the_case(shown: BoardFilter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shown.states:
        found.append(CaseRow.state.in_([state.value for state in shown.states]))
    if shown.holds:
        found.append(held_for(shown.holds))
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
        # Few: named, so that the database knows how many.
        about = session.scalars(
            select(ChangeServiceRow.change_id).where(
                ChangeServiceRow.service_id == shown.service_id
            )
        ).all()
        found.append(among(CaseRow.change_id, about))
    return found


def _has_word(prefix: str, found: Found) -> ColumnElement[bool]:
    if found.agreement_ids is None:
        many = select(AgreementWordRow.agreement_id).where(begins_so(prefix, AgreementWordRow.word))
        by_agreement: ColumnElement[bool] = CaseRow.agreement_id.in_(many)
    else:
        by_agreement = among(CaseRow.agreement_id, found.agreement_ids)
    if not found.change_ids:
        return by_agreement
    return or_(by_agreement, among(CaseRow.change_id, found.change_ids))
