"""Import the registry from a file: the vendor, its services and list, clients and agreements.

Everything or nothing; the same file twice changes nothing; absence deletes nothing.
"""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import UnknownCalendar, get_calendar
from subnotify.operations.append_evidence import append_evidence, append_evidence_many
from subnotify.operations.import_agreements import import_agreements
from subnotify.operations.import_clients import import_clients
from subnotify.operations.import_list import import_services, import_subprocessors, import_vendor
from subnotify.operations.import_run import ImportReport, ImportRun
from subnotify.operations.registry_yaml import YamlFile, locate, read_yaml
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.registry_entries import KnownKeys
from subnotify.rules.registry_file import read_registry
from subnotify.storage.agreements import load_agreement_rows, load_client_rows
from subnotify.storage.registry import VENDOR_ID, list_services, list_subprocessors


def import_registry(
    session: Session,
    source: bytes,
    *,
    by: str,
    at: datetime,
    zone: ZoneInfo,
    actor: str = "operator",
) -> ImportReport:
    """Import the content of one YAML file; what was new, changed and unchanged.

    zone: the vendor's, in which "today" is told. Raises ProblemsFound with every problem of the
    file, each with line, entry, field and remedy; nothing is imported then. Problems that depend
    on what is stored are told once the file by itself is right.
    """
    file = read_yaml(source)
    with transaction(session):
        run = ImportRun(session, by=by, at=at, today=at.astimezone(zone).date())
        try:
            _import_all(run, file)
        except ProblemsFound as found:
            raise ProblemsFound(tuple(locate(x, file) for x in found.problems)) from None
        report = run.report()
        if report.changes:
            append_evidence_many(session, run.evidence, actor=actor, at=at)
            append_evidence(
                session,
                "registry_imported",
                actor=actor,
                object_type="vendor",
                object_id=VENDOR_ID,
                content={
                    "by": by,
                    "file_digest": hashlib.sha256(source).hexdigest(),
                    "sections": {line.section: [line.new, line.changed] for line in report.lines},
                },
                at=at,
            )
        return report


def _import_all(run: ImportRun, file: YamlFile) -> None:
    clients = load_client_rows(run.session)
    known = KnownKeys(
        services=frozenset(service.key for service in list_services(run.session)),
        subprocessors=frozenset(x.key for x in list_subprocessors(run.session)),
        contacts_by_client={
            key: frozenset(clients.contacts[row.id]) for key, row in clients.clients.items()
        },
    )
    content = read_registry(file.data, known, _is_calendar)
    run.is_published = import_vendor(run, content)
    import_services(run, content)
    import_subprocessors(run, content)
    agreements = load_agreement_rows(run.session)
    changed = import_clients(run, content, clients, agreements)
    import_agreements(run, content, clients, agreements, changed)
    run.raise_problems()


def _is_calendar(name: str) -> bool:
    try:
        get_calendar(name)
    except UnknownCalendar:
        return False
    return True
