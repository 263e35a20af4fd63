"""Import the registry: the vendor, its services and list, clients, contacts and agreements.

From one file (YAML or JSON), or from CSV tables. Everything or nothing; the same files twice change
nothing; absence deletes nothing.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import UnknownCalendar, get_calendar
from subnotify.operations.append_evidence import append_evidence, append_evidence_many
from subnotify.operations.import_agreements import import_agreements
from subnotify.operations.import_clients import import_clients
from subnotify.operations.import_list import import_services, import_vendor
from subnotify.operations.import_run import ImportReport, ImportRun
from subnotify.operations.import_subprocessors import import_subprocessors
from subnotify.operations.keep_vendor import laws_named_but_gone
from subnotify.operations.load_transfer_reference import reference_in_use
from subnotify.operations.registry_csv import read_csv_tables
from subnotify.operations.registry_yaml import locate
from subnotify.operations.source_files import SourceFile, read_plain_file, read_source_table
from subnotify.operations.stored_registry import read_codes_on_record, read_stored_entries
from subnotify.operations.transaction import transaction
from subnotify.rules.csv_layouts import ImportKind
from subnotify.rules.errors import Problem, ProblemsFound
from subnotify.rules.registry_entries import KnownKeys
from subnotify.rules.registry_file import read_registry
from subnotify.rules.transfer_words import ExportLaw
from subnotify.storage.agreements import (
    AgreementRows,
    ClientRows,
    load_agreement_rows,
    load_client_rows,
    service_ids,
)
from subnotify.storage.client_rows import lock_registry
from subnotify.storage.registry import (
    VENDOR_ID,
    find_vendor,
    get_vendor,
    list_services,
    list_subprocessors,
)

Locate = Callable[[Problem], Problem]


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
    with transaction(session):
        run = ImportRun(session, by=by, at=at, today=at.astimezone(zone).date())
        return apply_registry(run, [SourceFile("", ImportKind.REGISTRY, source)], actor=actor)


def apply_registry(run: ImportRun, files: Sequence[SourceFile], *, actor: str) -> ImportReport:
    """The same for one YAML or JSON file, or any CSV tables, inside the caller's transaction."""
    lock_registry(run.session)
    clients, agreements = load_client_rows(run.session), load_agreement_rows(run.session)
    data, problems, where = _read(run, files, clients, agreements)
    try:
        _import_all(run, data, problems, clients, agreements)
    except ProblemsFound as found:
        raise ProblemsFound((*problems, *(where(x) for x in found.problems))) from None
    report = run.report()
    if all(file.kind is not ImportKind.CLIENTS for file in files) and _are_tables(files):
        # Clients that other tables only refer to were not theirs to change.
        report = report.without("clients")
    if report.changes:
        append_evidence_many(run.session, run.evidence, actor=actor, at=run.at)
        append_evidence(
            run.session,
            "registry_imported",
            actor=actor,
            object_type="vendor",
            object_id=VENDOR_ID,
            content={
                "by": run.by,
                **_digests(files),
                "sections": {line.section: [line.new, line.changed] for line in report.lines},
            },
            at=run.at,
        )
    return report


def _are_tables(files: Sequence[SourceFile]) -> bool:
    return files[0].kind is not ImportKind.REGISTRY


def _digests(files: Sequence[SourceFile]) -> dict[str, object]:
    digests = {file.name: hashlib.sha256(file.content).hexdigest() for file in files}
    if _are_tables(files):
        return {"file_digests": digests}
    return {"file_digest": next(iter(digests.values()))}


def _read(
    run: ImportRun, files: Sequence[SourceFile], clients: ClientRows, agreements: AgreementRows
) -> tuple[object, tuple[Problem, ...], Locate]:
    """The sections as plain data, the problems met, and what tells where in a file a path is."""
    if not _are_tables(files):
        file = read_plain_file(files[0].name, files[0].content)
        return file.data, (), lambda problem: locate(problem, file)
    tables = [(file.kind, read_source_table(file)) for file in files]
    services = {number: key for key, number in service_ids(run.session).items()}
    entries = read_stored_entries(run.session, with_former=True)
    content = read_csv_tables(tables, clients, agreements, services, entries)
    return content.data, tuple(content.problems), content.locate


def _import_all(
    run: ImportRun,
    data: object,
    problems: Sequence[Problem],
    clients: ClientRows,
    agreements: AgreementRows,
) -> None:
    known = KnownKeys(
        services=frozenset(service.key for service in list_services(run.session)),
        subprocessors=frozenset(x.key for x in list_subprocessors(run.session)),
        contacts_by_client={
            key: frozenset(clients.contacts[row.id]) for key, row in clients.clients.items()
        },
        laws=_laws(run.session),
        codes=read_codes_on_record(run.session),
    )
    if data == {}:
        # Tables without rows, or whose rows were all refused.
        if problems:
            raise ProblemsFound(())
        return
    content = read_registry(data, known, _is_calendar, reference_in_use(run.session))
    if problems:
        raise ProblemsFound(())
    run.is_published = import_vendor(run, content)
    import_services(run, content)
    import_subprocessors(run, content)
    changed = import_clients(run, content, clients, agreements)
    import_agreements(run, content, clients, agreements, changed)
    run.problems += laws_named_but_gone(run.session, get_vendor(run.session).profile.laws)
    run.raise_problems()


def _laws(session: Session) -> frozenset[ExportLaw] | None:
    vendor = find_vendor(session)
    return frozenset(vendor.profile.laws) if vendor is not None else None


def _is_calendar(name: str) -> bool:
    try:
        get_calendar(name)
    except UnknownCalendar:
        return False
    return True
