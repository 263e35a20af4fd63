"""The facts of a change, row by row: what a notice must state (GDPR art. 28(2) and the terms)."""

from dataclasses import dataclass
from datetime import date

from subnotify.rules.errors import N_
from subnotify.rules.locations import Location
from subnotify.rules.notice_rules import terms_for_change
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import opens_window
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ChangeKind, LocationKind
from subnotify.wording.bases import bases_words, location_words, place_name
from subnotify.wording.changes import change_sentence
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line

INVENTED = " *"


@dataclass(frozen=True)
class ChangeFacts:
    """A change as one agreement is told of it.

    services: names of the services concerned that this agreement buys. replaced: the entry that
    goes, in a replacement. laws: the export laws of this client's data; none named: all.
    """

    kind: ChangeKind
    facts: SubprocessorFacts
    services: tuple[str, ...]
    commencement_on: date | None
    replaced: SubprocessorFacts | None = None
    laws: frozenset[ExportLaw] = frozenset()


@dataclass(frozen=True)
class FactRow:
    """A name and one or more lines."""

    name: str
    lines: tuple[str, ...]


def change_title(change: ChangeFacts, w: Wording) -> str:
    """ "OVHcloud will replace IONOS for Monitoring"."""
    replaced = change.replaced.name if change.replaced else ""
    return change_sentence(change.kind, change.facts.name, replaced, change.services, w)


def change_rows(change: ChangeFacts, w: Wording) -> tuple[FactRow, ...]:
    """Everything recorded about the subprocessor, in the order of a notice; no empty rows.

    Values invented for a demonstration end in an asterisk, which the last row explains.
    """
    facts = change.facts
    rows = (
        ("name", w.gettext("Subprocessor"), _identity(facts, w)),
        ("address", w.gettext("Address"), [one_line(facts.address)]),
        ("contact", w.gettext("Contact"), [one_line(facts.contact), facts.website]),
        ("activities", w.gettext("Activities"), [facts.activities.in_language(w.language)]),
        ("services", w.gettext("Services"), [w.listed(change.services)]),
        (
            "data_categories",
            w.gettext("Personal data"),
            [facts.data_categories.in_language(w.language)],
        ),
        ("locations", w.gettext("Seat"), _seat(facts.seat, change.laws, w)),
        ("locations", w.gettext("Places of processing"), _places(facts, change.laws, w)),
        ("agreement", w.gettext("Subprocessing agreement"), agreement_dates(facts, w)),
        ("", w.gettext("In place of"), _replaced(change.replaced)),
        ("", w.gettext("Takes effect"), _commencement(change.commencement_on, w)),
    )
    told = []
    has_invented = False
    for field, name, lines in rows:
        filled = [line for line in lines if line]
        if filled and field in facts.demonstration_values:
            has_invented = True
            filled[-1] = f"{filled[-1]}{INVENTED}"
        if filled:
            told.append(FactRow(name, tuple(filled)))
    if has_invented:
        told.append(FactRow(INVENTED.strip(), (w.gettext("invented for the demonstration"),)))
    return tuple(told)


def agreement_dates(facts: SubprocessorFacts, w: Wording) -> list[str]:
    """The dates of the subprocessing agreement that are recorded, one sentence each."""
    dated = (
        (N_("signed on %(day)s"), facts.agreement_signed_on),
        (
            N_("to be signed on %(day)s"),
            None if facts.agreement_signed_on else facts.agreement_planned_on,
        ),
        (N_("runs from %(day)s"), facts.agreement_from_on),
        (N_("runs until %(day)s"), facts.agreement_until_on),
    )
    return [w.gettext(text, day=w.date(day)) for text, day in dated if day is not None]


def is_covered(change: ChangeFacts, terms: NoticeTerms | None) -> bool:
    """The terms let the client object to this kind of change (unknown terms: it may)."""
    if terms is None:
        return True
    return opens_window(terms_for_change(terms, change.facts), change.kind)


def _identity(facts: SubprocessorFacts, w: Wording) -> list[str]:
    lines = [facts.name]
    if facts.other_names:
        lines.append(w.gettext("also known as %(names)s", names=w.listed(facts.other_names)))
    if facts.affiliate:
        lines.append(w.gettext("a company of our group"))
    return lines


def _seat(seat: Location | None, laws: frozenset[ExportLaw], w: Wording) -> list[str]:
    if seat is None:
        return []
    country, basis = place_name(seat, w), "; ".join(bases_words(seat, w, laws))
    return [w.gettext("%(country)s (%(basis)s)", country=country, basis=basis)]


def _places(facts: SubprocessorFacts, laws: frozenset[ExportLaw], w: Wording) -> list[str]:
    others = (x for x in facts.locations if x.kind is not LocationKind.ESTABLISHMENT)
    return [location_words(location, w, laws) for location in others]


def _replaced(replaced: SubprocessorFacts | None) -> list[str]:
    return [] if replaced is None else [replaced.name, one_line(replaced.address)]


def _commencement(day: date | None, w: Wording) -> list[str]:
    if day is None:
        return []
    return [w.gettext("on %(day)s at the earliest", day=w.date(day, "weekday"))]
