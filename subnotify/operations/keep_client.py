"""Add a client, or change its name and country."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.import_run import ImportRun
from subnotify.operations.registry_part import (
    Kept,
    append_gathered,
    client_entry,
    keep_entries,
    keep_in_part,
    new_run,
    open_part,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import Problem, ProblemsFound
from subnotify.rules.keys import key_from_name
from subnotify.storage.agreements import AgreementRows, ClientRows
from subnotify.storage.client_rows import lock_registry
from subnotify.storage.tables import ClientRow


@dataclass(frozen=True)
class ClientFacts:
    """country: two letters of ISO 3166-1."""

    name: str
    country: str


def add_client(
    session: Session,
    facts: ClientFacts,
    *,
    key: str = "",
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Add a client; without a key, one is made from its name. The same again adds nothing.

    zone: the vendor's. Raises ProblemsFound at key, name or country.
    """
    with transaction(session):
        lock_registry(session)
        key, known = _choose_key(session, facts, key)
        if known is not None:
            return Kept(known.id, is_changed=False)
        run = new_run(session, by=by, at=at, zone=zone)
        clients = ClientRows()
        entry = {"key": key, "name": facts.name, "country": facts.country}
        keep_entries(run, {"clients": [entry]}, clients, AgreementRows())
        row = clients.clients[key]
        append_gathered(run, [_fact("client_recorded", run, row.id, None, row)], actor=actor)
        return Kept(row.id, is_changed=True)


def change_client(
    session: Session,
    client_id: int,
    facts: ClientFacts,
    *,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Change a client; its key stays. Raises ProblemsFound at name or country, and NotFound."""
    with transaction(session):
        part = open_part(session, client_id, by=by, at=at, zone=zone)
        before = _shown(part.client)
        entry = client_entry(part.client, name=facts.name, country=facts.country)
        keep_in_part(part, {"clients": [entry]})
        is_changed = before != _shown(part.client)
        if is_changed:
            fact = _fact("client_changed", part.run, client_id, before, part.client)
            append_gathered(part.run, [fact], actor=actor)
        return Kept(client_id, is_changed)


def _choose_key(session: Session, facts: ClientFacts, wanted: str) -> tuple[str, ClientRow | None]:
    """The key to use, and the client that has it already where it is the very same one."""
    base, number = wanted or key_from_name(facts.name, "client"), 0
    while True:
        key = f"{base}-{number}" if number else base
        row = session.scalar(select(ClientRow).where(ClientRow.key == key))
        if row is None or (row.name, row.country) == (facts.name, facts.country):
            return key, row
        if wanted:
            raise ProblemsFound(
                (
                    Problem(
                        "key",
                        "“%(key)s” is the key of another client.",
                        "Choose another key, or leave it empty.",
                        (("key", key),),
                    ),
                )
            )
        number += 1


def _shown(row: ClientRow) -> dict[str, str]:
    return {"name": row.name, "country": row.country}


def _fact(
    type: str, run: ImportRun, client_id: int, before: Mapping[str, str] | None, row: ClientRow
) -> NewEvidence:
    content = {"by": run.by, "key": row.key, "before": before, "after": _shown(row)}
    return NewEvidence(type, "client", client_id, content)
