"""Lines of the board in words. A page tells the same few days again and again: each once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property

from flask import url_for

from subnotify.rules.words import CaseState
from subnotify.storage.board import BoardCase
from subnotify.web.formatting import days_tone, days_words, instant_iso, tone
from subnotify.wording.labels import label
from subnotify.wording.language import Wording, wording_for


@dataclass(frozen=True)
class Ending:
    """An end as people read it. iso: for machines. exact: in UTC. left: how long, with its tone."""

    iso: str
    until: str
    exact: str
    left: str
    tone: str


@dataclass(frozen=True)
class BoardRow:
    """A case with what is told of it. why: what is missing until it can close, in a few words.

    clock: the name of an objection's next clock, where one runs, and its end.
    """

    case: BoardCase
    address: str
    kind: str
    standing: str
    tone: str
    serving: str
    served_iso: str
    served_on: str
    answer: str
    answered_iso: str
    answered_on: str
    deadline: Ending | None
    clock: tuple[str, Ending] | None
    why: tuple[str, ...]


class RowWriter:
    """Writes lines for one reader at one instant."""

    def __init__(self, w: Wording, at: datetime) -> None:
        self._w, self._at = w, at
        self._endings: dict[tuple[datetime, str | None], Ending] = {}
        self._days: dict[tuple[datetime, str | None], str] = {}
        self._labels: dict[tuple[type[StrEnum], str], str] = {}
        self._address = url_for("cases.show_case", case_id=0).removesuffix("0")

    def rows(self, cases: Iterable[BoardCase]) -> list[BoardRow]:
        return [self._row(case) for case in cases]

    def _row(self, case: BoardCase) -> BoardRow:
        is_closed = case.state is CaseState.CLOSED
        runs = case.has_deadline
        answer = case.answer
        return BoardRow(
            case,
            f"{self._address}{case.id}",
            self._label(case.change_kind),
            self._label(case.outcome or case.state),
            tone(case.outcome or case.state),
            self._label(case.served_proof or case.notice_state),
            instant_iso(case.served_at) if case.served_at else "",
            self._day(case.served_at, case.zone) if case.served_at else "",
            self._label(answer.kind) if answer else "",
            instant_iso(answer.received_at) if answer else "",
            self._day(answer.received_at, case.zone) if answer else "",
            self._ending(case.closes_at, case.zone) if case.closes_at and runs else None,
            None if is_closed else self._clock(case),
            () if is_closed else self._why(case),
        )

    def _why(self, case: BoardCase) -> tuple[str, ...]:
        w = self._w
        if case.holds:
            return tuple(self._label(hold) for hold in case.holds)
        match case.state:
            case CaseState.WAITING:
                return (w.gettext("the notice is not served yet"),)
            case CaseState.OBJECTED if case.settlement is None:
                return (w.gettext("the objection is not settled"),)
            case CaseState.OBJECTED:
                return (w.gettext("settled; the client may still speak"),)
            case _ if case.closes_at is not None and case.closes_at <= self._at:
                return (w.gettext("the grace time runs"),)
            case _:
                return (w.gettext("the window runs"),)

    def _clock(self, case: BoardCase) -> tuple[str, Ending] | None:
        """The next clock of an objection, or the last one that has run out."""
        named = (
            (self._names[0], case.accommodation_ends_at),
            (self._names[1], case.unresolved_ends_at),
        )
        running = [(name, ends_at) for name, ends_at in named if ends_at is not None]
        if not running:
            return None
        name, ends_at = next((x for x in running if x[1] > self._at), running[-1])
        return name, self._ending(ends_at, case.zone)

    @cached_property
    def _names(self) -> tuple[str, str]:
        return self._w.gettext("time to find a way"), self._w.gettext("counts as unresolved")

    def _label(self, value: StrEnum) -> str:
        # By its set, too: members of different sets may share a value.
        key = (type(value), value.value)
        if key not in self._labels:
            self._labels[key] = label(self._w, value)
        return self._labels[key]

    def _day(self, instant: datetime, zone: str | None) -> str:
        key = (instant, zone)
        if key not in self._days:
            w = self._local(zone)
            self._days[key] = w.date(w.local(instant).date(), "short")
        return self._days[key]

    def _ending(self, ends_at: datetime, zone: str | None) -> Ending:
        key = (ends_at, zone)
        if key not in self._endings:
            w = self._local(zone)
            exact = ends_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
            days = w.days_left(ends_at, at=self._at)
            self._endings[key] = Ending(
                instant_iso(ends_at), w.until(ends_at), exact, days_words(days), days_tone(days)
            )
        return self._endings[key]

    def _local(self, zone: str | None) -> Wording:
        return wording_for(self._w.language, zone) if zone else self._w
