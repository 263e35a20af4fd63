"""How an entry of the list came to be what it is: who did what, and why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask import render_template, url_for
from flask_babel import gettext as _

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import ChangeKind, ChangeState, CorrectionState, Role
from subnotify.storage.database import db
from subnotify.storage.list_corrections import ListCorrection, list_corrections
from subnotify.storage.list_history import (
    AnnouncedOnce,
    ListedVersion,
    list_announced_once,
    list_versions,
)
from subnotify.storage.registry import list_services
from subnotify.storage.registry_history import RecordedFact, list_facts
from subnotify.web.access import needs_role
from subnotify.web.language import page_wording
from subnotify.web.registry_pages import registry, row_of
from subnotify.web.registry_views import DifferenceView, difference_views
from subnotify.wording.labels import label

__all__ = ["registry"]


@dataclass(frozen=True)
class HistoryItem:
    """One step in the life of an entry. people: who had a part in it, a sentence each."""

    at: datetime
    title: str
    people: tuple[str, ...] = ()
    reason: str = ""
    differences: tuple[DifferenceView, ...] = ()
    address: str = ""
    link: str = ""


@registry.route("/<int:subprocessor_id>/history")
@needs_role(*Role)
def show_entry_history(subprocessor_id: int) -> str:
    """Everything that happened to one entry, the latest first."""
    row = row_of(subprocessor_id)
    session = db.session()
    services = {service.key: service.name for service in list_services(session)}
    changes = {x.id: x for x in list_announced_once(session, subprocessor_id)}
    corrections = list_corrections(session, subprocessor_id)
    items = [
        *_versions(list_versions(session, subprocessor_id), changes, corrections, services),
        *_announcements(changes.values()),
        *_refused(corrections, services),
        *_discarded(list_facts(session, [("subprocessor", [subprocessor_id])])),
    ]
    return render_template(
        "desk/registry/history.html",
        row=row,
        name=(row.draft or row.facts).name,
        items=sorted(items, key=lambda item: item.at, reverse=True),
    )


def _versions(
    versions: Iterable[ListedVersion],
    changes: Mapping[int, AnnouncedOnce],
    corrections: Iterable[ListCorrection],
    services: Mapping[str, str],
) -> Iterator[HistoryItem]:
    """What the list said, from when to when, and what brought it."""
    confirmed = {x.decided_at: x for x in corrections if x.state is CorrectionState.CONFIRMED}
    before: SubprocessorFacts | None = None
    for version in versions:
        change = changes.get(version.change_id or 0)
        # The first version was no correction, whatever else was decided at that instant.
        correction = confirmed.get(version.published_at) if before is not None else None
        yield HistoryItem(
            at=version.published_at,
            title=_version_title(version, change, correction),
            people=(*_people(version, change, correction), *_period(version)),
            reason=_reason(version, change, correction),
            differences=_differences(before, version.facts, services),
            address=url_for("releases.show_release", release_id=change.release_id)
            if change
            else "",
            link=_("Release %(number)s", number=change.release_number) if change else "",
        )
        before = version.facts


def _version_title(
    version: ListedVersion, change: AnnouncedOnce | None, correction: ListCorrection | None
) -> str:
    if correction is not None:
        return str(_("The list was corrected"))
    if change is None:
        return str(_("First publication of the list"))
    w = page_wording()
    kind = label(w, change.kind)
    return str(_("The list changed: %(kind)s", kind=kind))


def _people(
    version: ListedVersion, change: AnnouncedOnce | None, correction: ListCorrection | None
) -> tuple[str, ...]:
    if correction is not None:
        return (
            _("Proposed by %(name)s.", name=correction.proposed_by),
            _("Confirmed by %(name)s.", name=correction.decided_by),
            *((correction.decision_note,) if correction.decision_note else ()),
        )
    if change is not None:
        return _change_people(change)
    return (_("Published by %(name)s.", name=version.published_by),) if version.published_by else ()


def _change_people(change: AnnouncedOnce) -> tuple[str, ...]:
    said = [_("Drafted by %(name)s.", name=change.drafted_by)]
    if change.approved_by:
        said.append(_("Approved by %(name)s.", name=change.approved_by))
    if change.released_by:
        said.append(_("Released by %(name)s.", name=change.released_by))
    if change.one_person_reason:
        said.append(_("By one person: %(reason)s", reason=change.one_person_reason))
    return tuple(said)


def _period(version: ListedVersion) -> tuple[str, ...]:
    said = [_("On the list from %(day)s.", day=_day(version.from_on))]
    if version.phased_out_from_on is not None:
        said.append(_("Phased out from %(day)s.", day=_day(version.phased_out_from_on)))
    if version.until_on is not None:
        said.append(_("Until %(day)s, that day not included.", day=_day(version.until_on)))
    return tuple(said)


def _reason(
    version: ListedVersion, change: AnnouncedOnce | None, correction: ListCorrection | None
) -> str:
    if correction is not None:
        return correction.reason
    if change is not None:
        return change.reason.in_language(page_wording().language)
    return version.note


def _differences(
    before: SubprocessorFacts | None, after: SubprocessorFacts, services: Mapping[str, str]
) -> tuple[DifferenceView, ...]:
    if before is None:
        return ()
    return tuple(difference_views(before, after, services, page_wording()))


def _announcements(changes: Iterable[AnnouncedOnce]) -> Iterator[HistoryItem]:
    """What was announced, and what left the list or was withdrawn."""
    for change in changes:
        said = {
            "people": _change_people(change),
            "reason": change.reason.in_language(page_wording().language),
            "address": url_for("releases.show_release", release_id=change.release_id),
            "link": _("Release %(number)s", number=change.release_number),
        }
        yield HistoryItem(at=change.released_at, title=_announced_title(change), **said)
        leaves = change.is_replaced or change.kind is ChangeKind.REMOVAL
        if leaves and change.commenced_at is not None:
            title = _("It left the list: replaced by %(name)s", name=change.name)
            if not change.is_replaced:
                title = _("It left the list: removed")
            yield HistoryItem(at=change.commenced_at, title=title, **said)
        if change.withdrawn_at is not None and change.state is ChangeState.WITHDRAWN:
            yield HistoryItem(at=change.withdrawn_at, title=_("The announcement was withdrawn"))


def _announced_title(change: AnnouncedOnce) -> str:
    if change.is_replaced:
        return str(_("Announced: replacement by %(name)s", name=change.name))
    return str(_("Announced: %(kind)s", kind=label(page_wording(), change.kind)))


def _refused(
    corrections: Iterable[ListCorrection], services: Mapping[str, str]
) -> Iterator[HistoryItem]:
    for one in corrections:
        if one.state is CorrectionState.CONFIRMED:
            continue
        is_waiting = one.decided_at is None
        people = [_("Proposed by %(name)s.", name=one.proposed_by)]
        if not is_waiting:
            people.append(_("Refused by %(name)s.", name=one.decided_by))
            people.append(one.decision_note)
        yield HistoryItem(
            at=one.decided_at or one.proposed_at,
            title=_("A correction waits for another person")
            if is_waiting
            else _("A correction was refused"),
            people=tuple(people),
            reason=one.reason,
            differences=_differences(one.before, one.facts, services),
            address=url_for(".decide_correction", correction_id=one.id),
            link=_("The correction"),
        )


def _discarded(facts: Iterable[RecordedFact]) -> Iterator[HistoryItem]:
    """Drafts that were dropped, as evidence has them."""
    for fact in facts:
        content = fact.content
        if fact.type != "draft_discarded" or content is None:
            continue
        people = [_("Discarded by %(name)s.", name=content["by"])]
        if content.get("drafted_by"):
            people.insert(0, _("Drafted by %(name)s.", name=content["drafted_by"]))
        yield HistoryItem(at=fact.at, title=_("A draft was discarded"), people=tuple(people))


def _day(day: date) -> str:
    return page_wording().date(day)
