"""What the pages of letters say: states, what an entry means, why a line is refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, request

from subnotify.config import Settings
from subnotify.delivery.print_provider import PrintProvider, provider_for
from subnotify.operations.import_letter_events import (
    ContestedLine,
    EventChanges,
    RefusedLine,
)
from subnotify.rules.errors import Problem
from subnotify.rules.letter_manifests import TableEvent
from subnotify.rules.words import (
    LetterEventKind,
    LetterProduct,
    LetterState,
    MessageState,
)
from subnotify.storage.letter_pages import LetterFile, LetterLine
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.problems import problem_text

MOST_SHOWN = 200
LAST_PAGE = 100_000
_OF_ALL = (LetterEventKind.HANDED_OVER, LetterEventKind.PRINTED, LetterEventKind.POSTED)
_OF_REGISTERED = (
    LetterEventKind.PRESENTED,
    LetterEventKind.RECEIVED,
    LetterEventKind.UNCLAIMED,
)


@dataclass(frozen=True)
class EventLine:
    """An event of a table as the check page shows it."""

    letter: str
    event: str
    said: TableEvent


def settings() -> Settings:
    found: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return found


def provider() -> PrintProvider | None:
    return provider_for(settings().letters_folder)


def page_number() -> int:
    """The page that the address asks for; the first where it asks for none."""
    text = request.args.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return min(max(1, number), LAST_PAGE)


def state_of(line: LetterLine) -> LetterState | MessageState:
    """Where a letter stands; why it is not sent where a person or a withdrawal stopped it."""
    return standing(line.state, line.message_state)


def standing(state: LetterState, message_state: MessageState) -> LetterState | MessageState:
    """The same of a letter and its message."""
    stopped = (MessageState.PARKED, MessageState.PAUSED, MessageState.CANCELLED)
    return message_state if state is LetterState.QUEUED and message_state in stopped else state


def event_kinds(product: LetterProduct) -> tuple[LetterEventKind, ...]:
    """What can be recorded of a letter of this product, in the order in which it happens."""
    if product is LetterProduct.PLAIN:
        return (*_OF_ALL, LetterEventKind.RETURNED)
    return (*_OF_ALL, *_OF_REGISTERED, LetterEventKind.RETURNED)


def lacks_number(file: LetterFile) -> bool:
    """It was posted as a registered letter, and no number proves it."""
    return (
        file.line.product is not LetterProduct.PLAIN
        and not file.line.proof_number
        and any(event.kind == LetterEventKind.POSTED for event in file.events)
    )


def meaning(kind: LetterEventKind, product: LetterProduct, w: Wording) -> str:
    """What follows once it is recorded."""
    match kind:
        case LetterEventKind.POSTED:
            return w.gettext("The notice counts as dispatched on this day.")
        case LetterEventKind.PRESENTED:
            return w.gettext(
                "Where the terms count from the first presentation, the window opens with it."
            )
        case LetterEventKind.RECEIVED:
            return w.gettext(
                "It is proof of receipt: where the terms count from receipt, the window opens at"
                " the end of this day."
            )
        case LetterEventKind.UNCLAIMED | LetterEventKind.RETURNED:
            return w.gettext(
                "Unless the terms deem it received all the same, this letter serves nobody: the"
                " cases wait on hold and legal is told."
            )
        case _:
            return w.gettext("From now on the batch of this letter cannot be cancelled.")


def shown_changes(found: EventChanges, w: Wording) -> list[EventLine]:
    """The first events that are new; the page says how many there are in all."""
    return [
        EventLine(event.letter, label(w, event.kind), event) for event in found.new[:MOST_SHOWN]
    ]


def refused_words(refused: Sequence[RefusedLine], w: Wording) -> list[str]:
    """A sentence for each line that is refused, with its place in the file."""
    lines = []
    for one in refused[:MOST_SHOWN]:
        said = " ".join(_sentence(problem, w) for problem in one.problems)
        where = one.where or one.letter
        lines.append(w.gettext("%(where)s: %(said)s", where=where, said=said))
    if len(refused) > MOST_SHOWN:
        more = len(refused) - MOST_SHOWN
        lines.append(w.gettext("And %(n)s lines more.", n=w.number(more)))
    return lines


def contested_words(contested: Sequence[ContestedLine], w: Wording) -> list[tuple[str, str]]:
    """(key of the letter, sentence) for each line that contradicts the record."""
    return [
        (
            line.event.letter,
            w.gettext(
                "%(event)s on %(day)s: %(said)s",
                event=label(w, line.event.kind).capitalize(),
                day=w.date(line.event.on),
                said=" ".join(_sentence(problem, w) for problem in line.problems),
            ),
        )
        for line in contested[:MOST_SHOWN]
    ]


def _sentence(problem: Problem, w: Wording) -> str:
    found = problem_text(translated(problem, w), w)
    return f"{found.message} {found.remedy}".strip()


def translated(problem: Problem, w: Wording) -> Problem:
    """With the event that it names in words."""
    params = tuple(
        (key, label(w, LetterEventKind(value)) if key == "kind" else value)
        for key, value in problem.params
    )
    return Problem(problem.where, problem.message, problem.remedy, params)
