"""Transfers that end, as the desk's pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.operations.describe_lapses import LapseTask
from subnotify.operations.foresee_ends import Hit
from subnotify.rules.instrument_links import official_address
from subnotify.rules.words import LapseState, VendorRole
from subnotify.wording.language import Wording
from subnotify.wording.transfer_lapses import (
    basis_of_lapse,
    fitting_words,
    lapse_words,
    left_words,
    place_words,
    why_sentences,
)
from subnotify.wording.transfer_reasons import law_words


@dataclass(frozen=True)
class LapseView:
    """A task in words. basis_address: of the text of what ends, "" where none is known.
    tone: of the tag that says how many days are left."""

    id: int
    entry_id: int
    entry: str
    place: str
    law: str
    basis: str
    basis_address: str
    when: str
    left: str
    tone: str
    is_open: bool
    has_lapsed: bool
    why: tuple[str, ...]
    services: tuple[str, ...]
    is_recipient: bool
    clients: int
    agreements: int
    fitting: tuple[str, ...]
    is_replaceable: bool


def lapse_view(task: LapseTask, services: Mapping[str, str], w: Wording, *, on: date) -> LapseView:
    """on: the vendor's day; services: names by key."""
    key = task.stored.key
    days = (key.lapses_on - on).days
    is_open = task.stored.state is LapseState.OPEN
    return LapseView(
        id=task.stored.id,
        entry_id=key.subprocessor_id,
        entry=task.facts.name,
        place=place_words(task.location, w),
        law=law_words(key.law, w),
        basis=basis_of_lapse(task.rested_on, w),
        basis_address=official_address(task.rested_on, w.language),
        when=lapse_words(key.lapses_on, on, w) if is_open else w.date(key.lapses_on),
        left=left_words(key.lapses_on, on, w),
        tone="stop" if days <= 0 else "warn" if days <= 30 else "info",
        is_open=is_open,
        has_lapsed=days <= 0,
        why=_why(task, w, on) if is_open else (),
        services=tuple(services.get(x, x) for x in task.facts.services),
        is_recipient=task.facts.role is VendorRole.CONTROLLER,
        clients=task.concerned.clients,
        agreements=task.concerned.agreements,
        fitting=fitting_words(task.replacements, task.to_come, w),
        is_replaceable=bool(task.replacements),
    )


def _why(task: LapseTask, w: Wording, on: date) -> tuple[str, ...]:
    if task.then is None:
        return ()
    day = task.stored.key.lapses_on
    return why_sentences(task.then, w, from_on=day if day > on else None)


@dataclass(frozen=True)
class HitView:
    """A place that an end would hit, in words."""

    entry_id: int
    entry: str
    used_from: date | None
    place: str
    law: str
    why: tuple[str, ...]
    clients: int
    fitting: tuple[str, ...]


def hit_views(hits: Sequence[Hit], w: Wording) -> list[HitView]:
    return [
        HitView(
            entry_id=hit.entry.subprocessor_id,
            entry=hit.entry.facts.name,
            used_from=hit.entry.used_from,
            place=place_words(hit.location, w),
            law=law_words(hit.law, w),
            why=why_sentences(hit.then, w),
            clients=hit.concerned.clients,
            fitting=fitting_words(hit.replacements, (), w),
        )
        for hit in hits
    ]
