"""What mails say of changes and of the releases that announced them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.texts import LocalText, local_text
from subnotify.rules.words import ChangeKind, ChangeState
from subnotify.storage.change_names import names_for
from subnotify.storage.corrections import CorrectedRelease, find_corrected
from subnotify.storage.id_lists import among
from subnotify.storage.tables import (
    ChangeRow,
    ChangeServiceRow,
    ListEntryRow,
    ReleaseRow,
    ServiceRow,
)


@dataclass(frozen=True)
class ChangeOfMail:
    """services: names by service id, in their order. is_in_force: it has commenced. before: what
    the list said of an entry that is amended or removed, as frozen with the release. names: of
    services by key, of entries by "entry <key>", where a change refers to them.
    """

    id: int
    position: int
    kind: ChangeKind
    facts: SubprocessorFacts
    replaced: SubprocessorFacts | None
    commencement_on: date | None
    services: Mapping[int, str]
    is_in_force: bool
    before: SubprocessorFacts | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    is_withdrawn: bool = False


@dataclass(frozen=True)
class ReleaseOfMail:
    id: int
    released_at: datetime | None
    reason: LocalText
    paragraph: LocalText
    emergency: LocalText
    corrected: CorrectedRelease | None = None


def load_changes_of_mail(session: Session, ids: Collection[int]) -> dict[int, ChangeOfMail]:
    """These changes, by id."""
    rows = list(session.scalars(select(ChangeRow).where(among(ChangeRow.id, ids))))
    services = _change_services(session, ids)
    replaced = _entries(session, {row.replaced_id for row in rows if row.replaced_id})
    names = names_for(session, rows)
    return {
        row.id: ChangeOfMail(
            row.id,
            row.position or 0,
            ChangeKind(row.kind),
            facts_from_mapping(row.facts or {}),
            replaced.get(row.replaced_id) if row.replaced_id else None,
            row.commencement_on,
            services.get(row.id, {}),
            row.commenced_at is not None,
            facts_from_mapping(row.before_facts) if row.before_facts else None,
            names,
            row.state == ChangeState.WITHDRAWN.value,
        )
        for row in rows
    }


def _change_services(session: Session, ids: Collection[int]) -> dict[int, dict[int, str]]:
    rows = session.execute(
        select(ChangeServiceRow.change_id, ServiceRow.id, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == ChangeServiceRow.service_id)
        .where(among(ChangeServiceRow.change_id, ids))
        .order_by(ServiceRow.name, ServiceRow.id)
    )
    services: dict[int, dict[int, str]] = {}
    for change_id, service_id, name in rows:
        services.setdefault(change_id, {})[service_id] = name
    return services


def _entries(session: Session, subprocessor_ids: Collection[int]) -> dict[int, SubprocessorFacts]:
    """What the list said last of each of these."""
    rows = session.execute(
        select(ListEntryRow.subprocessor_id, ListEntryRow.facts)
        .where(among(ListEntryRow.subprocessor_id, subprocessor_ids))
        .order_by(ListEntryRow.in_force_from_on, ListEntryRow.id)
    )
    return {row.subprocessor_id: facts_from_mapping(row.facts) for row in rows}


def load_releases_of_mail(session: Session, ids: Collection[int]) -> dict[int, ReleaseOfMail]:
    """These releases, by id."""
    rows = session.execute(
        select(
            ReleaseRow.id,
            ReleaseRow.released_at,
            ReleaseRow.reason,
            ReleaseRow.paragraph,
            ReleaseRow.emergency_reason,
            ReleaseRow.corrects_id,
        ).where(among(ReleaseRow.id, ids))
    )
    return {
        row.id: ReleaseOfMail(
            row.id,
            row.released_at,
            local_text(row.reason),
            local_text(row.paragraph),
            local_text(row.emergency_reason),
            find_corrected(session, row.corrects_id),
        )
        for row in rows
    }
