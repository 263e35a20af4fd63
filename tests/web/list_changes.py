"""A published list with something of every kind on its way: what tests of those pages look at."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.correct_list import confirm_list_correction, propose_list_correction
from subnotify.operations.discard_draft import discard_draft
from subnotify.operations.draft_release import draft_release
from subnotify.operations.draft_removal import draft_removal
from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.rules.locations import Location
from subnotify.rules.releases import ReleaseTexts
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import NO_TEXT, local_text
from subnotify.rules.transfer_records import ImpactAssessment
from subnotify.rules.words import LocationKind, Role
from subnotify.storage.operators import Operator
from subnotify.storage.registry import find_subprocessor, latest_entries, list_draft_changes
from tests.support.samples import COMPLETED_LIST, sample

PARIS = ZoneInfo("Europe/Paris")
PAUL: dict[str, Any] = {"by": "Paul", "actor": "operator:1"}
LEA: dict[str, Any] = {"by": "Lea", "actor": "operator:2"}


@dataclass(frozen=True)
class ListChanges:
    """Ids: of entries, of a correction that waits, of a draft release.

    removed: drafted to leave; records: a draft that differs in its records; proposed: a correction
    waits; corrected: one was confirmed; amended: in the draft release, with `removed`.
    """

    removed: int
    records: int
    proposed: int
    corrected: int
    amended: int
    correction: int
    release: int


def published_list(session: Session, at: datetime) -> None:
    """Published the day before."""
    at -= timedelta(days=1)
    import_registry(session, sample(COMPLETED_LIST), by="Paul", at=at, zone=PARIS)
    publish_list(session, by="Paul", at=at, zone=PARIS)


def id_of(session: Session, key: str) -> int:
    found = find_subprocessor(session, key)
    assert found is not None
    return found.id


def listed(session: Session, number: int) -> SubprocessorFacts:
    facts = latest_entries(session)[number].facts
    session.rollback()
    return facts


def draft(session: Session, number: int, at: datetime, **changed: object) -> None:
    """Save what the list says with some fields changed."""
    facts = replace(listed(session, number), **changed)
    save_draft_facts(session, number, facts, by="Paul", at=at)


def propose(session: Session, number: int, at: datetime, **changed: object) -> int:
    draft(session, number, at, **changed)
    reason = "They moved their help desk; same company, same place."
    return propose_list_correction(session, number, reason=reason, zone=PARIS, at=at, **PAUL)


def looked_at_again(facts: SubprocessorFacts, on: date) -> tuple[Location, ...]:
    """The places with a new transfer impact assessment for each basis that has one."""
    newer = ImpactAssessment("TIA-2026-4", on)
    return tuple(
        replace(
            place,
            bases=tuple(
                replace(x, impact_assessment=newer) if x.impact_assessment else x
                for x in place.bases
            ),
        )
        for place in facts.locations
    )


def make_changes(session: Session, at: datetime) -> ListChanges:
    published_list(session, at)
    pipedrive, ovh, ionos, sentry, zendesk = (
        id_of(session, key) for key in ("pipedrive", "ovhcloud", "ionos", "sentry", "zendesk")
    )
    session.rollback()
    removal = draft_removal(session, ionos, by="Paul", at=at)
    draft(session, ovh, at, website="https://thrown.example")
    discard_draft(session, ovh, at=at, **PAUL)
    correction = propose(session, zendesk, at, contact="+33 1 23 45 67 89")
    places = looked_at_again(listed(session, pipedrive), at.date())
    done = propose(session, pipedrive, at, guarantees_reviewed_on=at.date(), locations=places)
    confirm_list_correction(session, done, zone=PARIS, at=at, **LEA)
    places = listed(session, sentry).locations
    draft(
        session,
        sentry,
        at,
        activities=local_text({"en": "Collects logs and traces", "fr": "Collecte de journaux"}),
        locations=(*places, Location("IE", LocationKind.SUPPORT)),
    )
    draft(session, ovh, at, guarantees_reviewed_on=at.date())
    amendment = next(x.id for x in list_draft_changes(session) if x.subprocessor_id == sentry)
    session.rollback()
    release = draft_release(
        session,
        change_ids=[amendment, removal],
        texts=ReleaseTexts(
            local_text({"en": "Support at night.", "fr": "Support de nuit."}),
            NO_TEXT,
            date(at.year, 12, 1),
        ),
        by=Operator(1, "Paul", "paul@vendor.example", frozenset({Role.PUBLISHER}), True),
        at=at,
    )
    return ListChanges(
        removed=ionos,
        records=ovh,
        proposed=zendesk,
        corrected=pipedrive,
        amended=sentry,
        correction=correction,
        release=release,
    )
