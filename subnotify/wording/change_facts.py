"""The facts of a change, row by row: what a notice must state (GDPR art. 28(2) and the terms)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from subnotify.rules.changes import (
    LocationChange,
    amendment_of,
    location_differences,
)
from subnotify.rules.errors import N_
from subnotify.rules.locations import Location
from subnotify.rules.notice_rules import terms_for_change
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import opens_window
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ChangeKind, LocationKind, VendorRole
from subnotify.wording.bases import bases_words, location_words, place_name
from subnotify.wording.changes import change_sentence
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line

INVENTED = " *"
# The row of the locations but the seat.
PLACES = "places"


@dataclass(frozen=True)
class ChangeFacts:
    """A change as one agreement is told of it.

    services: names of the services concerned that this agreement buys. replaced: the entry that
    goes, in a replacement. laws: the export laws of this client's data; none named: all. before:
    what the list says now, of an entry that is amended or removed. names: of services by key, of
    entries by "entry <key>". blocked: countries of it that the agreement does not allow and no
    exception covers.
    """

    kind: ChangeKind
    facts: SubprocessorFacts
    services: tuple[str, ...]
    commencement_on: date | None
    replaced: SubprocessorFacts | None = None
    laws: frozenset[ExportLaw] = frozenset()
    before: SubprocessorFacts | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()

    @property
    def old(self) -> SubprocessorFacts | None:
        """What an amendment changes from; None for every other kind."""
        return self.before if self.kind is ChangeKind.AMENDMENT else None


@dataclass(frozen=True)
class FactRow:
    """A name and one or more lines. In an amendment, a fact that changes: is_changed, with the
    lines of before, none where nothing was said."""

    name: str
    lines: tuple[str, ...]
    before: tuple[str, ...] = ()
    is_changed: bool = False


def change_title(change: ChangeFacts, w: Wording) -> str:
    """ "OVHcloud will replace IONOS for Monitoring"."""
    replaced = change.replaced.name if change.replaced else ""
    old = change.old
    amendment = amendment_of(old, change.facts, change.laws) if old else None
    name = old.name if old else change.facts.name
    return change_sentence(change.kind, name, replaced, change.services, w, amendment)


def change_rows(change: ChangeFacts, w: Wording) -> tuple[FactRow, ...]:
    """Everything recorded about the subprocessor, in the order of a notice; no empty rows.

    In an amendment each fact that changes is marked and stands beside what the list says now.
    Values invented for a demonstration end in an asterisk, which the last row explains.
    """
    rows = _rows(change.facts, change, w)
    if change.old is not None:
        rows = _beside(rows, _rows(change.old, change, w), _marked_places(change.old, change, w))
    told = [
        FactRow(row.name, row.lines, row.before, row.is_changed)
        for row in rows
        if row.lines or row.before
    ]
    if any(row.is_invented for row in rows):
        told.append(FactRow(INVENTED.strip(), (w.gettext("invented for the demonstration"),)))
    return tuple(told)


@dataclass(frozen=True)
class _Row(FactRow):
    is_invented: bool = False
    is_of_places: bool = False


def _rows(facts: SubprocessorFacts, change: ChangeFacts, w: Wording) -> list[_Row]:
    """Every row of these facts, also the empty ones."""
    is_removal = change.kind is ChangeKind.REMOVAL
    rows: tuple[tuple[str, str, list[str]], ...] = (
        ("name", w.gettext("Subprocessor"), identity_lines(facts, w)),
        ("parent", w.gettext("Parent company"), [facts.parent]),
        ("engaged_by", w.gettext("Engaged by"), [_engaged_by(facts, change)]),
        ("address", w.gettext("Address"), [one_line(facts.address)]),
        ("contact", w.gettext("Contact"), [one_line(facts.contact), facts.website]),
        ("role", w.gettext("Role of the vendor"), _role(facts, change, w)),
        ("activities", w.gettext("Activities"), [facts.activities.in_language(w.language)]),
        ("services", w.gettext("Services"), [w.listed(_services(facts, change))]),
        ("data_categories", w.gettext("Personal data"), personal_data_lines(facts, w)),
        (
            "data_subjects",
            w.gettext("Persons concerned"),
            [facts.data_subjects.in_language(w.language)],
        ),
        ("locations", w.gettext("Seat"), _seat(facts.seat, change.laws, w)),
        (PLACES, w.gettext("Places of processing"), _places(facts, change.laws, w)),
        (
            "agreement",
            w.gettext("Subprocessing agreement"),
            [] if is_removal else agreement_dates(facts, w),
        ),
        ("", w.gettext("In place of"), _replaced(change.replaced)),
        (
            "",
            w.gettext("Ends") if is_removal else w.gettext("Takes effect"),
            # Of an amendment its note says it: this is none of the facts that stay or change.
            [] if change.old is not None else _commencement(change.commencement_on, w),
        ),
    )
    return [_row(facts, *row) for row in rows]


def _row(facts: SubprocessorFacts, field: str, name: str, lines: list[str]) -> _Row:
    filled = [line for line in lines if line]
    is_of_places = field == PLACES
    invented = "locations" if is_of_places else field
    is_invented = bool(filled) and invented in facts.demonstration_values
    if is_invented:
        filled[-1] = f"{filled[-1]}{INVENTED}"
    return _Row(name, tuple(filled), is_invented=is_invented, is_of_places=is_of_places)


def _beside(rows: list[_Row], before: list[_Row], places: tuple[str, ...]) -> list[_Row]:
    """Each row that differs, with its lines of before. places: those of processing, marked."""
    found = []
    for new, old in zip(rows, before, strict=True):
        if new.lines == old.lines:
            found.append(new)
            continue
        lines = places if new.is_of_places else new.lines
        if new.is_of_places and new.is_invented and lines:
            lines = (*lines[:-1], f"{lines[-1]}{INVENTED}")
        found.append(replace(new, lines=lines, before=old.lines, is_changed=True))
    return found


def _marked_places(before: SubprocessorFacts, change: ChangeFacts, w: Wording) -> tuple[str, ...]:
    """The places of processing after an amendment: which is new, rests on another basis, goes."""
    lines = []
    for place in location_differences(before, change.facts, change.laws):
        told = place.after or place.before
        if told is None or told.kind is LocationKind.ESTABLISHMENT:
            continue
        words = location_words(told, w, change.laws)
        match place.change:
            case LocationChange.NEW:
                words = w.gettext("new: %(place)s", place=words)
            case LocationChange.GONE:
                words = w.gettext("no longer: %(place)s", place=words)
            case LocationChange.OTHER_BASIS if place.before is not None:
                until_now = "; ".join(bases_words(place.before, w, change.laws))
                words = w.gettext(
                    "other basis: %(place)s, until now %(basis)s", place=words, basis=until_now
                )
        lines.append(words)
    return tuple(lines)


def change_note(change: ChangeFacts, w: Wording, *, is_covered: bool) -> str:
    """What is to be said of a change of this kind besides its facts; "" for most."""
    if change.old is not None and change.commencement_on is not None:
        day = w.date(change.commencement_on, "weekday")
        return w.gettext("It takes effect on %(day)s at the earliest.", day=day)
    if change.kind is not ChangeKind.REMOVAL:
        return ""
    if is_covered:
        return w.gettext("No other subprocessor takes its place.")
    return w.gettext("No other subprocessor takes its place, and you need not do anything.")


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


def identity_lines(facts: SubprocessorFacts, w: Wording) -> list[str]:
    """Its name first, then its other names, its number, and whether it is of the vendor's group."""
    lines = [facts.name]
    known_as = [x for x in (facts.trading_name, *facts.other_names) if x]
    if known_as:
        lines.append(w.gettext("also known as %(names)s", names=w.listed(known_as)))
    if facts.company_number:
        lines.append(w.gettext("company number %(number)s", number=facts.company_number))
    if facts.affiliate:
        lines.append(w.gettext("a company of our group"))
    return lines


def _engaged_by(facts: SubprocessorFacts, change: ChangeFacts) -> str:
    """The subprocessor that engages it; "" where the vendor itself does."""
    return change.names.get(f"entry {facts.engaged_by}", facts.engaged_by)


def _services(facts: SubprocessorFacts, change: ChangeFacts) -> list[str]:
    """Those concerned; in an amendment those that these facts name of them, where names are
    known."""
    if change.old is None or not change.names:
        return list(change.services)
    named = {change.names.get(key, key) for key in facts.services}
    return [name for name in change.services if name in named]


def _role(facts: SubprocessorFacts, change: ChangeFacts, w: Wording) -> list[str]:
    """Told only where it changes: a notice goes out because the vendor is processor."""
    if change.old is None or change.old.role is change.facts.role:
        return []
    if facts.role is VendorRole.CONTROLLER:
        return [w.gettext("controller: a recipient of the vendor's own data")]
    return [w.gettext("processor: it works on clients' data")]


def personal_data_lines(facts: SubprocessorFacts, w: Wording) -> list[str]:
    """The categories of data, "" where none are recorded, then what is particular about them."""
    lines = [facts.data_categories.in_language(w.language)]
    if facts.special_categories:
        lines.append(w.gettext("special categories of data among them"))
    if facts.hr_data:
        lines.append(w.gettext("data of employees among them"))
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
