"""Which cases stand in which lane of the board, counted up to a cap and page by page.

A page goes on after the last case of the one before (its place in the order and its id), so the
hundredth page costs what the first one costs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from subnotify.rules.lanes import LANE_STATES, SOON, Lane
from subnotify.rules.words import CaseState
from subnotify.storage.tables import CaseRow, UtcDateTime

MOST_COUNTED = 10_000
# Of a filter, whose cases the database finds one by one.
MOST_FILTERED = 200
# Of typed words, which are asked of one case after the other where many have them.
MOST_SEARCHED = 100
_OBJECTION_CLOCKS = (CaseRow.accommodation_ends_at, CaseRow.unresolved_ends_at)


@dataclass(frozen=True)
class Place:
    """Where a page ended: at this instant of the lane's order (None: without one), at this case."""

    at: datetime | None
    case_id: int


@dataclass(frozen=True)
class LanePage:
    """case_ids in the lane's order. next: where the next page goes on; None on the last one."""

    case_ids: Sequence[int]
    next: Place | None


@dataclass(frozen=True)
class _Piece:
    """Cases of one order: key, then id. Cases without a key come after all others."""

    condition: ColumnElement[bool]
    key: Any
    may_lack_key: bool = True


def count_lanes(
    session: Session,
    wanted: Collection[ColumnElement[bool]],
    lanes: Collection[Lane] = tuple(Lane),
    *,
    at: datetime,
    most: int = MOST_COUNTED,
) -> Mapping[Lane, int]:
    """How many cases of each lane meet the conditions; `most` + 1 where there are more. One
    query, or none for no lane."""
    if not lanes:
        return {}
    counts = {lane: [_count(x, wanted, most) for x in _conditions(lane, at)] for lane in lanes}
    row = iter(session.execute(select(*(x for each in counts.values() for x in each))).one())
    return {lane: min(sum(next(row) for _ in each), most + 1) for lane, each in counts.items()}


def _conditions(lane: Lane, at: datetime) -> Sequence[ColumnElement[bool]]:
    if lane is Lane.OBJECTIONS:
        # Their order needs several pieces, their number does not.
        return (_in(CaseState.OBJECTED),)
    return [piece.condition for piece in _pieces(lane, at)]


def _count(
    condition: ColumnElement[bool], wanted: Collection[ColumnElement[bool]], most: int
) -> ColumnElement[int]:
    found = select(literal(1)).where(condition, *wanted).limit(most + 1).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def list_lanes(
    session: Session,
    lanes: Sequence[Lane],
    wanted: Collection[ColumnElement[bool]],
    *,
    at: datetime,
    size: int,
    after: Place | None = None,
) -> Mapping[Lane, LanePage]:
    """The next `size` cases of each lane. One query. after: of a single lane."""
    parts = [
        part
        for lane in lanes
        for piece in _pieces(lane, at)
        for part in _parts(lane, piece, wanted, size, after)
    ]
    found: dict[Lane, list[Place]] = {lane: [] for lane in lanes}
    for row in session.execute(union_all(*parts)):
        found[Lane(row.lane)].append(Place(row.key, row.id))
    return {lane: _page(lane, places, size) for lane, places in found.items()}


def _page(lane: Lane, places: list[Place], size: int) -> LanePage:
    keyed = [(place.at, place) for place in places if place.at is not None]
    keyed.sort(key=lambda x: (x[0], x[1].case_id), reverse=lane is Lane.CLOSED)
    rest = sorted((x for x in places if x.at is None), key=lambda x: x.case_id)
    ordered = [*(place for _at, place in keyed), *rest]
    shown = ordered[:size]
    return LanePage([place.case_id for place in shown], shown[-1] if len(ordered) > size else None)


def _pieces(lane: Lane, at: datetime) -> Sequence[_Piece]:
    until = at + SOON
    match lane:
        case Lane.DUE:
            closes = (CaseRow.closes_at > at) & (CaseRow.closes_at <= until)
            ends = [(clock > at) & (clock <= until) for clock in _OBJECTION_CLOCKS]
            person = CaseRow.state.in_([CaseState.HOLD.value, CaseState.OBJECTED.value])
            return (
                # An open case has no clock but its window.
                # Each state by itself: the index then gives the order, and a page ends the search.
                *(
                    _Piece(_in(state) & closes, CaseRow.closes_at, may_lack_key=False)
                    for state in LANE_STATES[lane]
                ),
                _Piece(
                    person & or_(*ends) & func.coalesce(~closes, true()),
                    case((ends[0], _OBJECTION_CLOCKS[0]), else_=_OBJECTION_CLOCKS[1]),
                    may_lack_key=False,
                ),
            )
        case Lane.OBJECTIONS:
            # What legal must find in time goes before the window. By clock: as above.
            first, second = _OBJECTION_CLOCKS
            objected = _in(CaseState.OBJECTED)
            return (
                _Piece(objected & first.is_not(None), first, may_lack_key=False),
                _Piece(
                    objected & first.is_(None) & second.is_not(None), second, may_lack_key=False
                ),
                _Piece(objected & first.is_(None) & second.is_(None), CaseRow.closes_at),
            )
        case Lane.CLOSED:
            return (_Piece(_in(CaseState.CLOSED), CaseRow.outcome_at, may_lack_key=False),)
        case _:
            return tuple(_Piece(_in(state), CaseRow.closes_at) for state in LANE_STATES[lane])


def _in(state: CaseState) -> ColumnElement[bool]:
    return CaseRow.state == state.value


def _parts(
    lane: Lane,
    piece: _Piece,
    wanted: Collection[ColumnElement[bool]],
    size: int,
    after: Place | None,
) -> list[Select[Any]]:
    """The cases with a key, and those without: each in its order, and no more than a page."""
    found = []
    backwards = lane is Lane.CLOSED
    key = piece.key
    if after is None or after.at is not None:
        first = select(
            literal(lane.value).label("lane"),
            CaseRow.id,
            type_coerce(key, UtcDateTime()).label("key"),
        )
        first = first.where(piece.condition, *wanted, key.is_not(None))
        if after is not None and after.at is not None:
            first = first.where(_beyond(key, after.at, after.case_id, backwards))
        order = (key.desc(), CaseRow.id.desc()) if backwards else (key, CaseRow.id)
        found.append(_wrapped(first.order_by(*order).limit(size + 1)))
    if piece.may_lack_key:
        rest = _placed(lane, key).where(piece.condition, *wanted, key.is_(None))
        if after is not None and after.at is None:
            rest = rest.where(CaseRow.id > after.case_id)
        # All of them lack it; named, so that the index of key and id gives the order.
        found.append(_wrapped(rest.order_by(key, CaseRow.id).limit(size + 1)))
    return found


def _placed(lane: Lane, key: Any) -> Any:
    return select(
        literal(lane.value).label("lane"),
        CaseRow.id,
        type_coerce(key, UtcDateTime()).label("key"),
    )


def _beyond(
    key: ColumnElement[Any], at: datetime, case_id: int, backwards: bool
) -> ColumnElement[bool]:
    """The first half bounds the index, the second tells cases of the same instant apart."""
    if backwards:
        return (key <= at) & or_(key < at, CaseRow.id < case_id)
    return (key >= at) & or_(key > at, CaseRow.id > case_id)


def _wrapped(query: Any) -> Select[Any]:
    """SQLite takes no limit in a part of a union, but in a subquery."""
    part = query.subquery()
    return select(part.c.lane, part.c.id, part.c.key)
