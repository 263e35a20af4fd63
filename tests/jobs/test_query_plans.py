"""What runs every few seconds finds its rows by an index, however many clients there are."""

import sqlite3
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from subnotify.config import settings_from
from subnotify.jobs.catalogue import JOBS, JobContext
from subnotify.jobs.embedded_runner import run_once
from subnotify.operations.confirm_read import confirm_read
from subnotify.rules.words import ConfirmationKind
from subnotify.storage.database import create_engine_for, session_factory
from tests.operations.desk import LEGAL, PARIS
from tests.support.many_agreements import add_many_agreements
from tests.support.release_world import FIFTEEN, REGISTERED, ReleaseWorld
from tests.support.scenario import terms_of
from tests.support.settings import environment_for
from tests.support.smtp_server import ScriptedSmtpServer

# They grow with every client, notice or mail; the others have a row for each change or person.
GROWING = {
    "agreement_contacts",
    "agreement_services",
    "agreements",
    "attempts",
    "cases",
    "clients",
    "contacts",
    "delivery_events",
    "evidence",
    "evidence_contents",
    "incoming_mails",
    "messages",
    "notices",
    "outcomes",
    "receipt_proofs",
    "responses",
    "sealed_mails",
    "terms_versions",
}
# Once a minute or more often: the others run some times a day.
FREQUENT = [job for job in JOBS if job.every_seconds <= 60]


def test_no_frequent_job_walks_through_a_table_that_grows(
    sqlite_url: str, smtp_server: ScriptedSmtpServer, at: datetime
) -> None:
    engine = create_engine_for(sqlite_url)
    make = session_factory(engine)
    with make() as session:
        _release(session, at)
    asked: dict[str, Any] = {}

    def note(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        asked.setdefault(statement, parameters[0] if many else parameters)

    event.listen(engine, "before_cursor_execute", note)
    # The server's 250 serves: a whole life without anybody's answer.
    given = environment_for(sqlite_url, smtp_port=smtp_server.port)
    settings = settings_from(given | {"SUBNOTIFY_MAIL_HOST_IS": "recipient_server"})
    # Served, then closed: between the two nobody probes, and nothing counts as down.
    sending = [job for job in JOBS if job.name == "send_messages"]
    assert run_once(JobContext(settings, make, clock=lambda: at), jobs=sending) == []
    later = at + timedelta(days=70)
    with make() as session:
        for kind in ConfirmationKind:
            confirm_read(session, kind, later.date(), zone=PARIS, at=later, **LEGAL)
    for _ in range(2):
        assert run_once(JobContext(settings, make, clock=lambda: later), jobs=FREQUENT) == []
    event.remove(engine, "before_cursor_execute", note)
    assert len(smtp_server.mails) >= 4
    assert any("INSERT INTO outcomes" in statement for statement in asked)
    walks = {}
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        for statement, parameters in asked.items():
            if found := _walked(driver, statement, parameters):
                walks[statement] = found
    assert walks == {}
    engine.dispose()


def _release(session: Session, at: datetime) -> None:
    world = ReleaseWorld(session, at=at)
    service_id = world.services["mail"].id
    terms = (terms_of(FIFTEEN), terms_of(REGISTERED))
    add_many_agreements(session, 4, service_id=service_id, terms=terms, at=at)
    release = world.draft([world.add_change("walked")])
    world.approve(release)
    world.release(release)
    session.commit()


def _walked(driver: sqlite3.Connection, statement: str, parameters: Any) -> list[str]:
    """What of the growing tables this statement reads from one end to the other."""
    if statement.startswith(("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")):
        return []
    plan = [row[-1] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    return [step for step in plan if step.startswith("SCAN ") and step.split()[1] in GROWING]
