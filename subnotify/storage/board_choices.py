"""What the board's filter offers to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.storage.tables import ChangeRow, ClientRow, OperatorRow, ReleaseRow, ServiceRow

MOST_CHOICES = 200


@dataclass(frozen=True)
class Choice:
    """A change, a service or a release to filter by."""

    id: int
    text: str


@dataclass(frozen=True)
class Choices:
    """changes: the latest that were released, newest first, and the one that is chosen.
    countries: of clients, as codes. owners: names of the operators who are active."""

    changes: Sequence[Choice]
    services: Sequence[Choice]
    countries: Sequence[str]
    owners: Sequence[str]


def load_choices(session: Session, *, change_id: int | None = None) -> Choices:
    """change_id: what is chosen now, offered however old it is. Four queries, or five."""
    services = session.execute(select(ServiceRow.id, ServiceRow.name).order_by(ServiceRow.name))
    return Choices(
        _announced(session, change_id),
        [Choice(row.id, row.name) for row in services],
        _countries(session),
        list_owners(session),
    )


def _countries(session: Session) -> Sequence[str]:
    """From one to the next by the index: there are few of them, and many clients of each."""
    first = select(func.min(ClientRow.country).label("country")).cte("countries", recursive=True)
    later = select(func.min(ClientRow.country)).where(ClientRow.country > first.c.country)
    every = first.union_all(
        select(later.scalar_subquery().correlate(first)).where(first.c.country.is_not(None))
    )
    return session.scalars(
        select(every.c.country).where(every.c.country.is_not(None)).order_by(every.c.country)
    ).all()


def list_owners(session: Session) -> Sequence[str]:
    """Who may look after a case."""
    names = select(OperatorRow.name).where(OperatorRow.active.is_(True)).order_by(OperatorRow.name)
    return session.scalars(names).all()


def _announced(session: Session, chosen: int | None) -> Sequence[Choice]:
    released = (
        select(ChangeRow.id, ReleaseRow.number, ChangeRow.facts["name"].as_string().label("name"))
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .where(ReleaseRow.number.is_not(None))
    )
    latest = released.order_by(ReleaseRow.released_at.desc(), ChangeRow.position)
    rows = list(session.execute(latest.limit(MOST_CHOICES)))
    if chosen is not None and chosen not in {row.id for row in rows}:
        rows += session.execute(released.where(ChangeRow.id == chosen))
    return [Choice(row.id, f"{row.number} · {row.name or ''}") for row in rows]
