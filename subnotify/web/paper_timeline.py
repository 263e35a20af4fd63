"""The letters of a notice in its line of time, and on the pages of its cases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import url_for

from subnotify.rules.letter_events import instant_of_day
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import LetterEventKind, LetterEventSource, LetterState, ProofKind
from subnotify.storage.notice_history import NoticeHistory, NoticeMessage
from subnotify.storage.paper_sides import PaperSide
from subnotify.storage.tables import LetterEventRow
from subnotify.web.timeline_words import TimelineEntry, purpose_words
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line
from subnotify.wording.proofs import deemed_sentence, proof_sentence

_STOPPED = (LetterEventKind.UNCLAIMED, LetterEventKind.RETURNED)


@dataclass(frozen=True)
class PaperEvent:
    """What became of a letter, for the page of a case."""

    kind: LetterEventKind
    on: date
    proof_number: str
    note: str


@dataclass(frozen=True)
class PaperView:
    """A letter beside its message. address: on one line. deemed: that it counts as received
    although it came back; "" of every other one."""

    side: PaperSide
    state: LetterState
    address: str
    events: list[PaperEvent]
    deemed: str = ""


def paper_view(side: PaperSide | None, w: Wording) -> PaperView | None:
    if side is None:
        return None
    events = [
        PaperEvent(LetterEventKind(x.kind), x.on, x.proof_number, x.note) for x in side.events
    ]
    address = one_line("\n".join(side.address_lines))
    deemed = deemed_sentence(side.deemed_by, w) if side.deemed_by is not None else ""
    return PaperView(side, side.state, address, events, deemed)


def paper_entries(found: NoticeHistory, w: Wording, *, is_legal: bool) -> Iterator[TimelineEntry]:
    """That each letter was queued, with its address, and each day on record of it: at the instant
    that counts, the last one of that day. is_legal: others see no page of the letter."""
    for message in found.messages:
        side = found.paper.get(message.row.id)
        if side is None:
            continue
        address = url_for("letter_files.show_letter", letter_id=message.row.id) if is_legal else ""
        purpose = purpose_words(message.row.purpose, w)
        yield TimelineEntry(
            at=message.row.queued_at,
            title=w.gettext(
                "%(purpose)s queued: %(product)s", purpose=purpose, product=label(w, side.product)
            ),
            about=message.contact,
            tag=label(w, side.reason),
            words=one_line("\n".join(side.address_lines)),
            source=side.batch or "",
            address=address,
        )
        for event in side.events:
            yield _event(found, message, side, event, address, w)


def told_by_letters(found: NoticeHistory) -> set[int]:
    """Proofs that the day of a letter tells already."""
    return {
        proof.id
        for proof in found.proofs
        if proof.message_id in found.paper and proof.kind == ProofKind.REGISTERED_DELIVERY
    }


def _event(
    found: NoticeHistory,
    message: NoticeMessage,
    side: PaperSide,
    event: LetterEventRow,
    address: str,
    w: Wording,
) -> TimelineEntry:
    kind = LetterEventKind(event.kind)
    is_proof = any(
        proof.message_id == message.row.id and proof.kind == ProofKind.REGISTERED_DELIVERY
        for proof in found.proofs
    )
    said = [w.gettext("On %(day)s.", day=w.date(event.on, "weekday"))]
    if event.proof_number or (side.proof_number and kind is LetterEventKind.POSTED):
        number = event.proof_number or side.proof_number
        said.append(w.gettext("Number of the registered letter: %(number)s.", number=number))
    if kind is LetterEventKind.RECEIVED and is_proof:
        said.append(proof_sentence(ProofKind.REGISTERED_DELIVERY, w))
    if kind in _STOPPED and side.deemed_by is not None:
        said.append(deemed_sentence(side.deemed_by, w))
    received = kind is LetterEventKind.RECEIVED
    return TimelineEntry(
        at=instant_of_day(
            event.on, zone_of(found.zone or "UTC"), event.corrected_at or event.recorded_at
        ),
        title=w.gettext(
            "%(purpose)s: what became of the letter",
            purpose=purpose_words(message.row.purpose, w),
        ),
        about=message.contact,
        tag=label(w, kind),
        tone="ok" if received else "stop" if kind in _STOPPED else "info",
        said=tuple(said),
        words=event.note,
        source=w.gettext(
            "%(source)s, recorded on %(instant)s",
            source=f"{event.recorded_by} · {label(w, LetterEventSource(event.source))}",
            instant=w.date_time(event.recorded_at, "short"),
        ),
        address=address,
    )
