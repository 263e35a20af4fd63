"""Names that the facts of a change refer to by key."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.storage.tables import ChangeRow, ListEntryRow, ServiceRow, SubprocessorRow


def name_registry(session: Session) -> dict[str, str]:
    """Names of services by key, and of entries ever listed by "entry <key>": what the list said
    last of each."""
    services = session.execute(select(ServiceRow.key, ServiceRow.name))
    names = {row.key: row.name for row in services}
    entries = session.execute(
        select(SubprocessorRow.key, ListEntryRow.facts["name"].as_string().label("name"))
        .join(ListEntryRow, ListEntryRow.subprocessor_id == SubprocessorRow.id)
        .order_by(ListEntryRow.in_force_from_on, ListEntryRow.id)
    )
    names.update({f"entry {row.key}": row.name for row in entries})
    return names


def names_for(session: Session, changes: Iterable[ChangeRow]) -> dict[str, str]:
    """The same where one of these changes refers to something by key; else nothing is read."""
    for change in changes:
        if change.before_facts or (change.facts or {}).get("engaged_by"):
            return name_registry(session)
    return {}
