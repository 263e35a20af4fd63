"""Which cases stand in which lane of the board, counted up to a cap and page by page.

A page goes on after the last case of the one before (its place in the order and its id), so the
hundredth page costs what the first one costs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    case,
    func,
    literal,
    literal_column,
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
# What differs from page to page is bound when it is asked: the statements are built once.
_AT, _UNTIL = (bindparam(name, type_=UtcDateTime()) for name in ("lane_at", "lane_until"))
_AFTER_AT = bindparam("after_at", type_=UtcDateTime())
_AFTER_ID, _MOST = (bindparam(name, type_=Integer()) for name in ("after_id", "most"))


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


class _From(Enum):
    """Where a page begins."""

    START = "start"
    KEYED = "keyed"
    UNKEYED = "unkeyed"


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
    counts = {lane: [_count(x, wanted) for x in _conditions(lane)] for lane in lanes}
    counted = select(*(x for each in counts.values() for x in each))
    row = iter(session.execute(counted, _bound(at, most + 1)).one())
    return {lane: min(sum(next(row) for _ in each), most + 1) for lane, each in counts.items()}


def _bound(at: datetime, most: int) -> dict[str, datetime | int]:
    return {_AT.key: at, _UNTIL.key: at + SOON, _MOST.key: most}


def _conditions(lane: Lane) -> Sequence[ColumnElement[bool]]:
    if lane is Lane.OBJECTIONS:
        # Their order needs several pieces, their number does not.
        return (_in(CaseState.OBJECTED),)
    return [piece.condition for piece in _pieces(lane)]


def _count(
    condition: ColumnElement[bool], wanted: Collection[ColumnElement[bool]]
) -> ColumnElement[int]:
    found = select(literal(1)).where(condition, *wanted).limit(_MOST).subquery()
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
    bound = _bound(at, size + 1)
    begins = _From.START
    if after is not None:
        begins = _From.UNKEYED if after.at is None else _From.KEYED
        bound |= {_AFTER_ID.key: after.case_id}
        bound |= {_AFTER_AT.key: after.at} if after.at is not None else {}
    parts = [_wrapped(part.where(*wanted)) for lane in lanes for part in _parts(lane, begins)]
    found: dict[Lane, list[Place]] = {lane: [] for lane in lanes}
    for row in session.execute(union_all(*parts), bound):
        found[Lane(row.lane)].append(Place(row.key, row.id))
    return {lane: _page(lane, places, size) for lane, places in found.items()}


def _page(lane: Lane, places: list[Place], size: int) -> LanePage:
    keyed = [(place.at, place) for place in places if place.at is not None]
    keyed.sort(key=lambda x: (x[0], x[1].case_id), reverse=lane is Lane.CLOSED)
    rest = sorted((x for x in places if x.at is None), key=lambda x: x.case_id)
    ordered = [*(place for _at, place in keyed), *rest]
    shown = ordered[:size]
    return LanePage([place.case_id for place in shown], shown[-1] if len(ordered) > size else None)


@cache
def _pieces(lane: Lane) -> Sequence[_Piece]:
    match lane:
        case Lane.DUE:
            closes = (CaseRow.closes_at > _AT) & (CaseRow.closes_at <= _UNTIL)
            ends = [(clock > _AT) & (clock <= _UNTIL) for clock in _OBJECTION_CLOCKS]
            person = or_(_in(CaseState.HOLD), _in(CaseState.OBJECTED))
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
    return CaseRow.state == _constant(state)


def _constant(word: StrEnum) -> ColumnElement[str]:
    """Of a closed list of ours: planned with, and not sent anew with every page."""
    return literal_column(f"'{word.value}'", String())


@cache
def _parts(lane: Lane, begins: _From) -> Sequence[Select[Any]]:
    """The cases with a key, and those without: each in its order, and no more than are asked."""
    return [
        part
        for piece in _pieces(lane)
        for part in (
            *((_keyed(lane, piece, begins),) if begins is not _From.UNKEYED else ()),
            *((_unkeyed(lane, piece, begins),) if piece.may_lack_key else ()),
        )
    ]


def _keyed(lane: Lane, piece: _Piece, begins: _From) -> Any:
    key, backwards = piece.key, lane is Lane.CLOSED
    found = _placed(lane, piece).where(key.is_not(None))
    if begins is _From.KEYED:
        found = found.where(_beyond(key, backwards))
    order = (key.desc(), CaseRow.id.desc()) if backwards else (key, CaseRow.id)
    return found.order_by(*order).limit(_MOST)


def _unkeyed(lane: Lane, piece: _Piece, begins: _From) -> Any:
    found = _placed(lane, piece).where(piece.key.is_(None))
    if begins is _From.UNKEYED:
        found = found.where(CaseRow.id > _AFTER_ID)
    # All of them lack it; named, so that the index of key and id gives the order.
    return found.order_by(piece.key, CaseRow.id).limit(_MOST)


def _placed(lane: Lane, piece: _Piece) -> Any:
    return select(
        _constant(lane).label("lane"),
        CaseRow.id,
        type_coerce(piece.key, UtcDateTime()).label("key"),
    ).where(piece.condition)


def _beyond(key: ColumnElement[Any], backwards: bool) -> ColumnElement[bool]:
    """The first half bounds the index, the second tells cases of the same instant apart."""
    if backwards:
        return (key <= _AFTER_AT) & or_(key < _AFTER_AT, CaseRow.id < _AFTER_ID)
    return (key >= _AFTER_AT) & or_(key > _AFTER_AT, CaseRow.id > _AFTER_ID)


def _wrapped(query: Any) -> Select[Any]:
    """SQLite takes no limit in a part of a union, but in a subquery."""
    part = query.subquery()
    return select(part.c.lane, part.c.id, part.c.key)
