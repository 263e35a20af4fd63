"""`release`: announcing a change to 10,000 agreements, against raw SQL that writes the same rows.

Both run in the same database, one after the other, each with a change of its own.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import CaseRow, MessageRow, NoticeRow
from tests.bench.measures import Measure, interleaved, peak_rss_mib
from tests.support.many_agreements import add_many_agreements
from tests.support.release_world import FIFTEEN, REGISTERED, ReleaseWorld
from tests.support.scenario import terms_of

AGREEMENTS = 10_000
ROUNDS = 3
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)

# What a person would write by hand, knowing that every agreement can be served.
RAW = (
    """
    INSERT INTO notices (reference, release_id, agreement_id, terms_id, language, state,
                         serving_number, created_at)
    SELECT 'raw-{release}-' || CAST(a.id AS text), {release}, a.id, t.id, a.language, 'queued', 1,
           '{at}'
      FROM agreements a JOIN terms_versions t ON t.agreement_id = a.id AND t.is_current
     WHERE a.id IN (SELECT agreement_id FROM agreement_services WHERE service_id = {service})
    """,
    """
    INSERT INTO cases (change_id, agreement_id, notice_id, state, holds, is_quiet)
    SELECT {change}, agreement_id, id, 'waiting', '[]', true
      FROM notices WHERE release_id = {release}
    """,
    """
    INSERT INTO messages (logical_key, purpose, channel, notice_id, contact_id, contact_kind,
                          serving_number, to_address, language, state, queued_at, next_attempt_at,
                          attempt_count)
    SELECT 'notice:' || CAST(n.id AS text) || ':' || CAST(c.id AS text) || ':email:1', 'notice',
           'email', n.id, c.id, ac.kind, 1, c.email, n.language, 'queued', '{at}', '{at}', 0
      FROM notices n JOIN agreement_contacts ac ON ac.agreement_id = n.agreement_id
           JOIN contacts c ON c.id = ac.contact_id
     WHERE n.release_id = {release}
    """,
)


def measure(kind: str, url: str) -> Measure:
    engine = create_engine_for(url)
    with session_factory(engine)() as session:
        world = ReleaseWorld(session, at=AT)
        service_id = world.services["mail"].id
        terms = (terms_of(FIFTEEN), terms_of(REGISTERED))
        add_many_agreements(session, AGREEMENTS, service_id=service_id, terms=terms, at=AT)
        rounds = [
            (
                _by_the_operation(world, number),
                _by_hand(engine, world, session, number, service_id),
            )
            for number in range(ROUNDS)
        ]
        part, limit = interleaved(rounds)
        _check(session)
    engine.dispose()
    return Measure(
        measure="release",
        database=kind,
        n=AGREEMENTS,
        value=round(part, 3),
        unit="s",
        limit=round(limit, 3),
        ratio=round(part / limit, 2),
        rss_mib=peak_rss_mib(),
    )


def _by_the_operation(world: ReleaseWorld, number: int) -> Callable[[], object]:
    release = world.draft([world.add_change(f"ours-{number}")])
    world.approve(release)
    return lambda: world.release(release)


def _by_hand(
    engine: Engine, world: ReleaseWorld, session: Session, number: int, service_id: int
) -> Callable[[], object]:
    change = world.add_change(f"raw-{number}")
    release = world.draft([change])
    at = AT.strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00:00" if "postgres" in engine.name else "")
    statements = [
        raw.format(release=release, change=change, service=service_id, at=at) for raw in RAW
    ]

    def insert_select() -> None:
        session.rollback()
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    return insert_select


def _check(session: Session) -> None:
    """Both wrote the same number of rows."""
    expected = {NoticeRow: 1, CaseRow: 1, MessageRow: 2}
    for table, each in expected.items():
        found = session.scalar(select(func.count()).select_from(table))
        assert found == 2 * ROUNDS * each * AGREEMENTS, (table, found)
