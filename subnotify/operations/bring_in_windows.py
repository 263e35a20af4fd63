"""Bring in windows that run already: notices given before subnotify was used, with their proofs.

Each change becomes announced in a release of its own ("B2026-001"), each notice a case whose
window the agreement's terms compute. Nothing is mailed. From then on they are cases like others:
silence closes them only by the same rules.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.brought_in_changes import GivenChange, announce_given, find_given_change
from subnotify.operations.brought_in_rows import write_notice
from subnotify.operations.import_run import Effect, ImportReport, ImportRun
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.source_files import SourceFile, read_source_table
from subnotify.rules.brought_in import GivenNotice, GivenZones, read_given_notice
from subnotify.rules.brought_in_checks import check_channels, check_instants, check_terms
from subnotify.rules.csv_tables import Table, place
from subnotify.rules.errors import Problem, ProblemsFound
from subnotify.rules.reading import Reader
from subnotify.rules.terms_words import ServedWhen
from subnotify.rules.time_limits import zone_of
from subnotify.rules.windows import window_from_mapping
from subnotify.rules.words import NoticeState
from subnotify.storage.brought_in import (
    GivenAgreement,
    KnownNotice,
    list_concerned_keys,
    list_known_notices,
    load_given_agreements,
)
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.tables import NoticeRow

SECTION = "windows"
LATE = "late_notices"


@dataclass(frozen=True)
class _Window:
    """The rows of one change under one agreement."""

    change: GivenChange
    agreement: GivenAgreement
    rows: tuple[GivenNotice, ...]
    zones: GivenZones

    @property
    def key(self) -> str:
        return f"{self.rows[0].agreement}/{self.rows[0].subprocessor}"


def bring_in_windows(
    run: ImportRun, file: SourceFile, *, zone: ZoneInfo, actor: str
) -> ImportReport:
    """Bring in the windows of one table, inside the caller's transaction. zone: the vendor's.

    A window that was brought in with the same facts is unchanged. Raises ProblemsFound with every
    reason for which a row cannot be brought in; NotFound before the first import.
    """
    lock_vendor(run.session)
    table = read_source_table(file)
    reader = Reader()
    try:
        windows = _read(run, table, zone, reader)
        _refuse(reader)
        new = _without_known(run, windows)
        _check(run, new, reader)
        _refuse(reader)
        _refuse_other_facts(run, new, reader)
        _refuse(reader)
        _write(run, new, reader, actor)
        _refuse(reader)
    except ProblemsFound as found:
        raise ProblemsFound(tuple(_locate(x, table) for x in found.problems)) from None
    return run.report()


def _refuse(reader: Reader) -> None:
    if reader.problems:
        raise ProblemsFound(tuple(reader.problems))


def _locate(problem: Problem, table: Table) -> Problem:
    number, _, column = problem.where.partition(".")
    where = place(table.name, table.rows[int(number)].line, column)
    return Problem(where, problem.message, problem.remedy, problem.params)


def _read(run: ImportRun, table: Table, vendor_zone: ZoneInfo, reader: Reader) -> list[_Window]:
    read = (read_given_notice(row.cells, str(i), reader) for i, row in enumerate(table.rows))
    rows = [row for row in read if row is not None]
    _refuse_doubles(rows, reader)
    _refuse(reader)
    agreements = load_given_agreements(run.session, {row.agreement for row in rows})
    windows = []
    for key, group in _grouped(rows, "subprocessor").items():
        change = find_given_change(run, key, group, reader)
        for name, given in _grouped(group, "agreement").items():
            agreement = agreements.get(name)
            if agreement is None:
                reader.problem(
                    f"{given[0].where}.agreement",
                    "“%(key)s” is not known.",
                    "Correct the key, or import its table too.",
                    key=name,
                )
            elif change is not None:
                zones = GivenZones(_zone(agreement), vendor_zone)
                windows.append(_Window(change, agreement, tuple(given), zones))
    return windows


def _grouped(rows: Sequence[GivenNotice], name: str) -> Mapping[str, list[GivenNotice]]:
    grouped: dict[str, list[GivenNotice]] = defaultdict(list)
    for row in rows:
        grouped[getattr(row, name)].append(row)
    return grouped


def _zone(agreement: GivenAgreement) -> ZoneInfo:
    return zone_of(agreement.terms.counting.time_zone if agreement.terms else "UTC")


def _refuse_doubles(rows: Sequence[GivenNotice], reader: Reader) -> None:
    seen: set[tuple[str, str, str, str]] = set()
    for row in rows:
        key = (row.agreement, row.contact, row.subprocessor, row.way)
        if key in seen:
            reader.problem(
                f"{row.where}.contact",
                "“%(key)s” is there twice.",
                "Give each contact of an agreement one row for each change and channel.",
                key=row.contact,
            )
        seen.add(key)


def _check(run: ImportRun, windows: Sequence[_Window], reader: Reader) -> None:
    concerned: dict[int, Mapping[int, str]] = {}
    for window in windows:
        change_id = window.change.id
        if change_id not in concerned:
            concerned[change_id] = list_concerned_keys(run.session, change_id, run.today)
        _check_window(run, window, window.agreement.id in concerned[change_id], reader)


def _check_window(run: ImportRun, window: _Window, is_concerned: bool, reader: Reader) -> None:
    agreement, first = window.agreement, window.rows[0]
    if agreement.ended_on is not None and agreement.ended_on < run.today:
        reader.problem(f"{first.where}.agreement", "This agreement has ended.", "Remove the row.")
    elif not is_concerned:
        reader.problem(
            f"{first.where}.agreement",
            "The change does not concern this agreement: it buys none of its services.",
            "Correct the services of the agreement or of the change, or remove the row.",
        )
    check_terms(agreement.terms, window.change.kind, f"{first.where}.agreement", reader)
    if agreement.terms is None:
        return
    for row in window.rows:
        check_instants(row, window.zones, reader, at=run.at)
    without_address = {key for key, one in agreement.contacts.items() if not one.email}
    check_channels(window.rows, agreement.terms, without_address, reader)
    _check_contacts(window, agreement.terms.served_when is ServedWhen.ANY, reader)


def _check_contacts(window: _Window, any_suffices: bool, reader: Reader) -> None:
    given = {row.contact for row in window.rows}
    for row in window.rows:
        if row.contact not in window.agreement.designated_on(row.dispatched.day):
            reader.problem(
                f"{row.where}.contact",
                "“%(key)s” was not a designated notice contact of this agreement on that day.",
                "Name one that was, or import the designation first.",
                key=row.contact,
            )
    first = window.rows[0]
    missing = window.agreement.designated_on(first.dispatched.day) - given
    for key in sorted(missing) if not any_suffices else ():
        reader.problem(
            f"{first.where}.contact",
            "“%(key)s” is a designated notice contact of this agreement too, and has no row.",
            "Add its row: the notice is given once every one of them has it.",
            key=key,
        )


def _without_known(run: ImportRun, windows: Sequence[_Window]) -> list[_Window]:
    """The windows to bring in; those that are there already count as unchanged, whatever became
    of their agreement and its contacts since."""
    new = []
    for window, notice in _with_notices(run, windows):
        if notice is not None and _is_same(window, notice):
            run.count(SECTION, Effect.UNCHANGED, window.key)
        else:
            new.append(window)
    return new


def _refuse_other_facts(run: ImportRun, windows: Sequence[_Window], reader: Reader) -> None:
    for window, notice in _with_notices(run, windows):
        if notice is not None:
            reader.problem(
                f"{window.rows[0].where}.agreement",
                "This agreement has the notice %(reference)s of this change, with other facts.",
                "Remove the row; what was recorded is corrected on the page of its case.",
                reference=notice.reference,
            )


def _with_notices(
    run: ImportRun, windows: Sequence[_Window]
) -> list[tuple[_Window, KnownNotice | None]]:
    """Each with the notice that its agreement has of its change already."""
    known: dict[int, Mapping[int, KnownNotice]] = {}
    for window in windows:
        if window.change.id not in known:
            known[window.change.id] = list_known_notices(run.session, window.change.id)
    return [(window, known[window.change.id].get(window.agreement.id)) for window in windows]


def _is_same(window: _Window, notice: KnownNotice) -> bool:
    """The present reading of the times may be by another zone: the stored instants count."""
    rows = {(row.contact, row.way): row for row in window.rows}
    if set(notice.brought_in) != set(rows):
        return False
    return all(
        row.is_dispatched_at(stored.dispatched_at, window.zones)
        and row.is_received_at(stored.received_at, window.zones)
        and (stored.proof, stored.proof_reference) == (row.proof, row.proof_reference)
        for key, row in rows.items()
        for stored in [notice.brought_in[key]]
    )


def _write(run: ImportRun, new: Sequence[_Window], reader: Reader, actor: str) -> None:
    by_change: dict[int, list[_Window]] = defaultdict(list)
    for window in new:
        by_change[window.change.id].append(window)
    notices: list[tuple[_Window, int]] = []
    for windows in by_change.values():
        since = min(row.dispatched_since(x.zones) for x in windows for row in x.rows)
        release = announce_given(run, windows[0].change, since, actor=actor)
        notices += [
            (
                x,
                write_notice(run, release, x.change.id, x.agreement, x.rows, x.zones, actor=actor),
            )
            for x in windows
        ]
    serve_notices(run.session, [notice_id for _, notice_id in notices], actor=actor, at=run.at)
    for window, notice_id in notices:
        _report(run, window, notice_id, reader)
    for windows in by_change.values():
        _report_late(run, windows[0].change)


def _report(run: ImportRun, window: _Window, notice_id: int, reader: Reader) -> None:
    """What the notice came to; a problem where no window runs."""
    notice = run.session.get_one(NoticeRow, notice_id, populate_existing=True)
    first = window.rows[0]
    terms = window.agreement.terms
    if notice.state != NoticeState.SERVED or notice.window is None or terms is None:
        accepted = ", ".join(sorted(terms.proof_of_receipt)) if terms else ""
        reader.problem(
            f"{first.where}.proof",
            "With these proofs no window opens: the terms accept %(accepted)s.",
            "Give such a proof for the notice contacts, or remove the row.",
            accepted=accepted or "–",
        )
        return
    opened = window_from_mapping(notice.window)
    if opened.closes_at <= run.at:
        reader.problem(
            f"{first.where}.dispatched_at",
            "This window ended on %(day)s: only windows that still run are brought in.",
            "Remove the row.",
            day=opened.last_day.isoformat(),
        )
    zone = zone_of(opened.time_zone)

    def said(instant: datetime | None) -> str:
        return instant.astimezone(zone).isoformat(" ", "minutes") if instant else ""

    run.note(SECTION, window.key, "notice", "", notice.reference)
    for row in window.rows:
        for name, value in (
            ("channel", row.way),
            ("dispatched_at", said(row.dispatched_at(window.zones))),
            ("received_at", said(row.received_at(window.zones))),
            ("proof", row.proof),
        ):
            run.note(SECTION, window.key, f"{row.contact}.{name}", "", value)
    run.note(SECTION, window.key, "window_opens_at", "", said(opened.opens_at))
    run.note(SECTION, window.key, "window_last_day", "", opened.last_day)
    run.note(SECTION, window.key, "window_closes_at", "", said(opened.closes_at))
    run.count(SECTION, Effect.NEW, window.key)


def _report_late(run: ImportRun, change: GivenChange) -> None:
    """Agreements that the change concerns and that the table leaves out: subnotify will give
    them notice itself."""
    session: Session = run.session
    known = list_known_notices(session, change.id)
    for agreement_id, key in sorted(list_concerned_keys(session, change.id, run.today).items()):
        if agreement_id not in known:
            run.count(LATE, Effect.NEW, f"{key}/{change.key}")
