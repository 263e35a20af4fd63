"""Ask the commencement gate of a change; changes nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.assess_entries import EntryAssessor
from subnotify.rules.errors import NotFound
from subnotify.rules.facts_assessment import is_lawful
from subnotify.rules.gates import (
    Blocker,
    Gate,
    Use,
    blockers_of,
    gate_of_change,
    may_use_early,
    use_of_change,
)
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import ChangeKind, ChangeState
from subnotify.storage.gates import GateClient, list_withheld, tally_cases
from subnotify.storage.mail_readings import find_unread
from subnotify.storage.service_watch import has_open_freeze
from subnotify.storage.tables import ChangeRow, ReleaseRow


@dataclass(frozen=True)
class WithheldClient:
    """A client for which the change must not be used now. use: why not."""

    client: GateClient
    use: Use


@dataclass(frozen=True)
class GateAnswer:
    """What the gate says of a change at an instant.

    withheld: clients for which it is not to be used, by name, from `offset` on, at most `limit`
    of them; next_offset: where the others begin, None where there are none.
    """

    change_id: int
    kind: ChangeKind
    state: ChangeState
    subprocessor: str
    release_number: str | None
    commencement_on: date | None
    gate: Gate
    blockers: tuple[Blocker, ...]
    withheld: tuple[WithheldClient, ...]
    next_offset: int | None

    @property
    def is_ready(self) -> bool:
        """The change may be used now, for all but the clients withheld."""
        return not self.blockers


def ask_gate(
    session: Session,
    change_id: int,
    *,
    zone: ZoneInfo,
    at: datetime,
    offset: int = 0,
    limit: int = 500,
) -> GateAnswer:
    """What the gate says at `at`; zone: the vendor's. Raises NotFound.

    Whether each location is lawful is assessed as it would be at a commencement now, so the answer
    and the commencement itself do not contradict each other.
    """
    change = session.get(ChangeRow, change_id)
    if change is None:
        raise NotFound
    today = at.astimezone(zone).date()
    tallies = tally_cases(session, [change_id], on=today, at=at).get(change_id, ())
    gate = gate_of_change(tallies, change.commencement_on, zone, at=at)
    kind, state = ChangeKind(change.kind), ChangeState(change.state)
    facts = facts_from_mapping(change.facts or {})
    lawful = kind is ChangeKind.REMOVAL or is_lawful(EntryAssessor(session).assess(facts, on=today))
    found = list_withheld(session, change_id, offset=offset, limit=limit + 1, at=at)
    withheld = tuple(WithheldClient(x, use_of_client(x, gate, at)) for x in found[:limit])
    release = session.get(ReleaseRow, change.release_id)
    blockers = blockers_of(
        gate,
        state,
        is_lawful=lawful,
        is_frozen=has_open_freeze(session),
        is_mail_unread=find_unread(session).is_any,
    )
    return GateAnswer(
        change_id,
        kind,
        state,
        facts.name,
        release.number if release else None,
        change.commencement_on,
        gate,
        blockers,
        withheld,
        offset + limit if len(found) > limit else None,
    )


def use_of_client(client: GateClient, gate: Gate, at: datetime) -> Use:
    """What the gate says of one client."""
    return use_of_change(
        client.state,
        client.outcome,
        is_gated_out=client.gated_out_at is not None,
        commencement_at=gate.commencement_at,
        at=at,
        is_lead_over=client.is_lead_over(at),
        uses_early=may_use_early(client.state, client.holds, client.early_use_at, at=at),
        is_blocked=bool(client.blocked_countries),
    )
