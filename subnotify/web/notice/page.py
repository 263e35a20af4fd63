"""What the page of a notice shows, in the order in which its reader needs it."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext

from subnotify.rules.objections import live_objections
from subnotify.rules.responses import has_accepted
from subnotify.rules.words import ChangeKind, Outcome, ResponseKind
from subnotify.storage.notice_reading import ChangeShown
from subnotify.web.frame import find_vendor_profile
from subnotify.web.notice.actions import (
    Action,
    action_after_closing,
    change_actions,
    notice_actions,
)
from subnotify.web.notice.deadline_part import DeadlinePart, can_object, deadline_part
from subnotify.web.notice.facts import change_facts, last_service_day
from subnotify.web.notice.opening import OpenedNotice
from subnotify.web.notice.sayings import Said, after_objecting, said_of
from subnotify.web.place_views import PlacesView, places_view
from subnotify.wording.change_facts import (
    ChangeFacts,
    change_note,
    change_rows,
    change_title,
    is_covered,
)
from subnotify.wording.clauses import clause_sentence, quotation
from subnotify.wording.country_restrictions import told_silence
from subnotify.wording.language import Wording
from subnotify.wording.mail_notice import CorrectedNotice, correction_sentences, notice_title
from subnotify.wording.objections import effect_sentences, form_sentences
from subnotify.wording.outcomes import NOT_REACHED, OutcomeFacts, outcome_sentences
from subnotify.wording.silence import is_request


@dataclass(frozen=True)
class Fact:
    """A row of the fact table. before: of the entry replaced, or what the list says now of the one
    that is amended; empty where nothing was said."""

    name: str
    lines: tuple[str, ...]
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bases:
    """What the transfers to each place of `name` rest on, under the laws of this client's data.
    invented: the fields that are made up for a demonstration."""

    name: str
    places: PlacesView
    invented: frozenset[str]


@dataclass(frozen=True)
class ChangePart:
    """One change.

    outcome: what became of it, empty while it is open. status: the same in a word, or the answer
    that counts so far. facts: those beside what they were before, where has_before; same: those
    that an amendment leaves as they are. bases: empty where an entry goes and nothing comes."""

    case_id: int
    title: str
    note: str
    facts: tuple[Fact, ...]
    same: tuple[Fact, ...]
    has_before: bool
    replaced_name: str
    bases: Bases
    status: Outcome | ResponseKind | None
    said: tuple[Said, ...]
    outcome: tuple[str, ...]
    closes_at: datetime | None
    commencement: str
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class NoticePage:
    """is_request: the client's authorisation is asked for, not its silence. corrects: that it takes
    the place of an earlier notice.
    next_steps: what follows where every open change is objected to; silence is empty then."""

    title: str
    is_request: bool
    changes: tuple[ChangePart, ...]
    is_closed: bool
    deadline: DeadlinePart | None
    deadlines_differ: bool
    silence: tuple[str, ...]
    next_steps: tuple[str, ...]
    clause: str
    quotation: str
    effects: tuple[str, ...]
    actions: tuple[Action, ...]
    closed_action: Action | None
    corrects: tuple[str, ...] = ()


def notice_page(opened: OpenedNotice, w: Wording) -> NoticePage:
    """The page as its reader sees it at this instant."""
    parts = tuple(_change_part(opened, change, w) for change in opened.changes)
    is_closed = all(part.outcome for part in parts)
    is_asked = not is_closed and can_object(opened)
    title = (
        f"{parts[0].title}."
        if len(parts) == 1
        else notice_title(len(parts), w, is_request=is_asked and is_request(opened.terms))
    )
    ends = {part.closes_at for part in parts if not part.outcome}
    next_steps = after_objecting(opened, w)
    running = [change.blocked for change in opened.changes if change.outcome is None]
    return NoticePage(
        title=title,
        is_request=is_asked and is_request(opened.terms),
        changes=parts,
        is_closed=is_closed,
        deadline=deadline_part(opened, w, is_closed=is_closed),
        deadlines_differ=len(ends) > 1,
        silence=told_silence(opened.terms, running, w) if is_asked and not next_steps else (),
        next_steps=next_steps,
        clause=clause_sentence(opened.terms, w),
        quotation=quotation(opened.terms),
        effects=_effects(opened, w) if is_asked else (),
        actions=() if is_closed else notice_actions(opened),
        closed_action=action_after_closing(opened) if is_closed else None,
        corrects=_corrects(opened, w),
    )


def _effects(opened: OpenedNotice, w: Wording) -> tuple[str, ...]:
    """In which form to object, and what an objection leads to."""
    services = opened.shown.brief.services_of(()).values()
    vendor = find_vendor_profile()
    address = f"{vendor.name}\n{vendor.address}" if vendor and vendor.address else ""
    return (
        *form_sentences(opened.terms, w, address=address),
        *effect_sentences(opened.terms, list(services), w),
    )


def _change_part(opened: OpenedNotice, change: ChangeShown, w: Wording) -> ChangePart:
    facts = opened.facts[change.case_id]
    given = change_facts(change)
    rows, same = _facts(given, w)
    several = len(opened.changes) > 1
    return ChangePart(
        case_id=change.case_id,
        title=change_title(given, w),
        # When an amendment takes effect is said by the outcome, once there is one.
        note=""
        if given.old is not None and change.outcome is not None
        else change_note(given, w, is_covered=is_covered(given, opened.terms)),
        facts=rows,
        same=same,
        has_before=change.replaced is not None or any(row.before for row in rows),
        replaced_name=change.replaced.name if change.replaced else "",
        bases=_bases(given, w),
        status=_status(opened, change),
        said=said_of(opened, change, w),
        outcome=_outcome(opened, change, w),
        closes_at=facts.window.closes_at if facts.window else None,
        commencement=_commencement(change, w),
        actions=change_actions(opened, change) if several else (),
    )


def _status(opened: OpenedNotice, change: ChangeShown) -> Outcome | ResponseKind | None:
    if change.outcome is not None:
        return change.outcome
    facts = opened.facts[change.case_id]
    if live_objections(facts):
        return ResponseKind.OBJECTION
    return ResponseKind.NO_OBJECTION if has_accepted(facts) else None


def _facts(given: ChangeFacts, w: Wording) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """The rows of the change, beside those of the entry that goes or of what the list says now;
    and the rows that an amendment leaves as they are."""
    rows = change_rows(replace(given, replaced=None), w)
    changed = tuple(Fact(row.name, row.lines, row.before) for row in rows if row.is_changed)
    if changed:
        return changed, tuple(Fact(row.name, row.lines) for row in rows if not row.is_changed)
    if given.replaced is None:
        return tuple(Fact(row.name, row.lines) for row in rows), ()
    old = replace(given, facts=given.replaced, replaced=None, commencement_on=None)
    before = {row.name: row.lines for row in change_rows(old, w)}
    new = {row.name: row.lines for row in rows}
    names = [*new, *(name for name in before if name not in new)]
    return tuple(Fact(name, new.get(name, ()), before.get(name, ())) for name in names), ()


def _bases(given: ChangeFacts, w: Wording) -> Bases:
    """As assessed when the change was announced: that is what this notice told."""
    facts = given.facts
    coming = () if given.kind is ChangeKind.REMOVAL else facts.locations
    places = [
        replace(place, assessed=tuple(x for x in place.assessed if x.law in given.laws))
        if given.laws
        else place
        for place in coming
    ]
    return Bases(facts.name, places_view(places, w), frozenset(facts.demonstration_values))


def _commencement(change: ChangeShown, w: Wording) -> str:
    if change.commenced_at is not None and change.outcome not in NOT_REACHED:
        return str(
            gettext("In force since %(day)s.", day=w.date(w.local(change.commenced_at).date()))
        )
    return ""


def _corrects(opened: OpenedNotice, w: Wording) -> tuple[str, ...]:
    corrected = opened.shown.corrected
    if corrected is None:
        return ()
    on = w.local(corrected.released_at).date()
    return correction_sentences(CorrectedNotice(corrected.number, on), w)


def _outcome(opened: OpenedNotice, change: ChangeShown, w: Wording) -> tuple[str, ...]:
    if change.outcome is None:
        return ()
    settlement = opened.shown.settlements.get(change.case_id)
    clock = opened.facts[change.case_id].unresolved
    facts = OutcomeFacts(
        outcome=change.outcome,
        name=(change.before or change.facts).name,
        kind=change.kind,
        terms=opened.terms,
        commencement_on=change.commencement_on if change.commenced_at is None else None,
        ended_services=settlement.services if settlement else (),
        last_service_on=last_service_day(opened, change.case_id),
        unresolved_until=clock.ends_at if clock else None,
        corrected_by=opened.shown.corrected_by,
    )
    return outcome_sentences(facts, w)
