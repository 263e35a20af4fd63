"""One entry of the dated list on paper, as plain data for the printer."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import LocationKind
from subnotify.wording.bases import bases_words, place_name
from subnotify.wording.change_facts import (
    INVENTED,
    agreement_dates,
    identity_lines,
    personal_data_lines,
)
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line

Labelled = tuple[str, list[str]]


def entry_content(
    facts: SubprocessorFacts,
    w: Wording,
    *,
    laws: Collection[ExportLaw],
    services: Sequence[str],
    engaged_by: str = "",
    since_on: date | None = None,
    said: Iterable[str] = (),
    is_used: bool = True,
) -> dict[str, Any]:
    """services: names of those concerned. engaged_by: the name of the subprocessor that engages
    it, "" where the vendor does. since_on: used since, or not (is_used). said: what is particular
    about it for this client."""
    name, *also = identity_lines(facts, w)
    return {
        "name": _marked(facts, "name", name),
        "also": [*also, *_parent(facts, engaged_by, w)],
        "address": _marked(facts, "address", one_line(facts.address)),
        "contact": [
            x
            for x in (_marked(facts, "contact", one_line(facts.contact)), facts.website)
            if x.strip()
        ],
        "said": [x for x in said if x],
        "activities": _activities(facts, services, w),
        "places": [_place(x, facts, laws, w) for x in _seat_first(facts.locations)],
        "dates": _labelled(
            (w.gettext("Subprocessing agreement"), _agreement(facts, w)),
            (
                w.gettext("Used since") if is_used else w.gettext("Not used since"),
                [w.date(since_on)] if since_on else [],
            ),
        ),
    }


def _activities(facts: SubprocessorFacts, services: Sequence[str], w: Wording) -> list[Labelled]:
    subjects = facts.data_subjects.in_language(w.language)
    return _labelled(
        ("", [_marked(facts, "activities", facts.activities.in_language(w.language))]),
        (w.gettext("Services"), [w.listed(services)]),
        (w.gettext("Personal data"), _data(facts, w)),
        (w.gettext("Persons concerned"), [_marked(facts, "data_subjects", subjects)]),
    )


def _marked(facts: SubprocessorFacts, field: str, text: str) -> str:
    """With an asterisk where the value is invented."""
    return f"{text}{INVENTED}" if text and field in facts.demonstration_values else text


def _labelled(*rows: Labelled) -> list[Labelled]:
    told = ((name, [line for line in lines if line]) for name, lines in rows)
    return [(name, lines) for name, lines in told if lines]


def _parent(facts: SubprocessorFacts, engaged_by: str, w: Wording) -> list[str]:
    lines = []
    if facts.parent:
        lines.append(w.named(w.gettext("Parent company"), facts.parent))
    if engaged_by:
        lines.append(w.named(w.gettext("Engaged by"), engaged_by))
    return lines


def _data(facts: SubprocessorFacts, w: Wording) -> list[str]:
    categories, *particular = personal_data_lines(facts, w)
    return [_marked(facts, "data_categories", categories), *particular]


def _seat_first(locations: Iterable[Location]) -> list[Location]:
    return sorted(locations, key=lambda x: x.kind is not LocationKind.ESTABLISHMENT)


def _place(
    location: Location, facts: SubprocessorFacts, laws: Collection[ExportLaw], w: Wording
) -> dict[str, Any]:
    kind = label(w, location.kind)
    return {
        "name": w.named(kind[:1].upper() + kind[1:], place_name(location, w)),
        "bases": [_marked(facts, "locations", words) for words in bases_words(location, w, laws)],
    }


def _agreement(facts: SubprocessorFacts, w: Wording) -> list[str]:
    lines = agreement_dates(facts, w)
    if not lines:
        return [w.gettext("no dates recorded")]
    lines[-1] = _marked(facts, "agreement", lines[-1])
    return lines
