"""Agreements with their services, contacts and notice terms, from an import file."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.import_designations import import_designations
from subnotify.operations.import_differences import differing, value_text
from subnotify.operations.import_run import Effect, ImportRun, assign
from subnotify.operations.strike_out_letters import strike_out_letters
from subnotify.operations.terms_versions import (
    add_terms_version,
    read_version,
    says_the_same,
    terms_recorded,
    with_kept_readings,
)
from subnotify.rules.csv_entries import service_text
from subnotify.rules.presets import PRESETS
from subnotify.rules.registry_entries import AgreementEntry, AgreementService, RegistryFile
from subnotify.rules.terms import Counting, NoticeTerms
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.terms_words import CountingRule
from subnotify.storage.agreements import AgreementRows, ClientRows, service_ids
from subnotify.storage.case_copies import copy_countries
from subnotify.storage.search_words import keep_agreement_words
from subnotify.storage.tables import AgreementRow, AgreementServiceRow

# Of notices of which a letter goes to a contact or an address that is struck out by the import.
TO_SERVE_ANEW = "notices_to_serve_anew"


def import_agreements(
    run: ImportRun,
    file: RegistryFile,
    clients: ClientRows,
    agreements: AgreementRows,
    changed_contacts: frozenset[int],
) -> None:
    """Keep the agreements. changed_contacts: designated contacts whose letter was asked for."""
    services, changed = service_ids(run.session), set[str]()
    new = {entry.key for entry in file.agreements} - set(agreements.agreements)
    for number, entry in enumerate(file.agreements):
        if _keep_agreement(run, entry, number, clients, agreements):
            changed.add(entry.key)
    run.session.flush()
    for number, entry in enumerate(file.agreements):
        agreement = agreements.agreements[entry.key]
        parts = (
            _keep_services(run, entry, agreement, agreements, services),
            import_designations(
                run,
                entry,
                f"agreements[{number}]",
                agreement.id,
                clients.contacts[agreement.client_id],
                agreements.contacts[agreement.id],
                changed_contacts,
                is_new=entry.key in new,
            ),
            _keep_terms(
                run, entry.key, entry.terms, agreement, agreements, is_new=entry.key in new
            ),
        )
        if entry.key in new:
            run.count("agreements", Effect.NEW, entry.key)
            _record_new(run, entry, agreement)
        else:
            is_changed = any(parts) or entry.key in changed
            effect = Effect.CHANGED if is_changed else Effect.UNCHANGED
            run.count("agreements", effect, entry.key)
    run.session.flush()
    _keep_words(run, agreements, changed)
    if run.changed_clients:
        copy_countries(run.session, run.changed_clients)
    if not run.problems:
        for reference in strike_out_letters(run.session, run.struck_out, at=run.at):
            run.count(TO_SERVE_ANEW, Effect.NEW, reference)


def _keep_words(run: ImportRun, agreements: AgreementRows, changed: Collection[str]) -> None:
    """By which the cases of these agreements are found: names or references are others now."""
    ids = [
        row.id
        for key, row in agreements.agreements.items()
        if key in changed or row.client_id in run.changed_clients
    ]
    if ids:
        keep_agreement_words(run.session, ids)


def _keep_agreement(
    run: ImportRun,
    entry: AgreementEntry,
    number: int,
    clients: ClientRows,
    agreements: AgreementRows,
) -> bool:
    client = clients.clients[entry.client]
    row = agreements.agreements.get(entry.key)
    values: dict[str, Any] = {
        "reference": entry.reference,
        "language": entry.language,
        "signed_on": entry.signed_on,
        "ended_on": entry.ended_on,
    }
    laws = entry.laws or frozenset()
    if row is None:
        row = AgreementRow(key=entry.key, client_id=client.id, export_laws=laws, **values)
        run.session.add(row)
        agreements.agreements[entry.key] = row
        said = {"client": entry.client, **values, "laws": sorted(laws)}
        run.note_all("agreements", entry.key, {}, said)
        return True
    if row.client_id != client.id:
        run.problem(
            f"agreements[{number}].client",
            "This agreement belongs to another client.",
            "Restore the client's key; an agreement with another client is a new one.",
        )
        return False
    is_changed = run.assign("agreements", entry.key, row, **values)
    if entry.laws is not None and entry.laws != row.export_laws:
        run.note("agreements", entry.key, "laws", sorted(row.export_laws), sorted(entry.laws))
        row.export_laws, is_changed = entry.laws, True
    return is_changed


def _keep_services(
    run: ImportRun,
    entry: AgreementEntry,
    agreement: AgreementRow,
    agreements: AgreementRows,
    services: dict[str, int],
) -> bool:
    """Services named are added or their days changed; those left out stay (until_on ends one).

    A file that names no end leaves one on record: a termination may have set it since.
    """
    stored = agreements.services[agreement.id]
    changed = False
    for bought in entry.services:
        service_id = services[bought.service]
        row = stored.get(service_id)
        if row is None:
            row = AgreementServiceRow(
                agreement_id=agreement.id,
                service_id=service_id,
                from_on=bought.from_on,
                until_on=bought.until_on,
            )
            run.session.add(row)
            stored[service_id] = row
            changed = True
            _note_service(run, entry.key, bought, None, bought.until_on)
        else:
            until_on = bought.until_on or row.until_on
            _note_service(run, entry.key, bought, row, until_on)
            changed |= assign(row, from_on=bought.from_on, until_on=until_on)
    return changed


def _note_service(
    run: ImportRun,
    key: str,
    bought: AgreementService,
    row: AgreementServiceRow | None,
    until_on: date | None,
) -> None:
    def said(from_on: date | None, until_on: date | None) -> str:
        return service_text(bought.service, value_text(from_on), value_text(until_on))

    before = said(row.from_on, row.until_on) if row else ""
    run.note(
        "agreements", key, f"services.{bought.service}", before, said(bought.from_on, until_on)
    )


def _keep_terms(
    run: ImportRun,
    key: str,
    terms: NoticeTerms | None,
    agreement: AgreementRow,
    agreements: AgreementRows,
    *,
    is_new: bool,
) -> bool:
    """Changed terms make a new version; what was opened under an old one keeps it."""
    if terms is None:
        return False
    current = agreements.terms.get(agreement.id)
    terms = with_kept_readings(terms, current)
    if current is not None and says_the_same(current, terms):
        return False
    if current is not None:
        before = terms_to_mapping(read_version(current))
        run.note_all("agreements", key, before, terms_to_mapping(terms), prefix="terms.")
    else:
        _note_first_terms(run, key, terms)
    row = add_terms_version(run.session, agreement.id, current, terms, by=run.by, at=run.at)
    agreements.terms[agreement.id] = row
    if not is_new:
        run.evidence.append(terms_recorded(row))
    return True


def _note_first_terms(run: ImportRun, key: str, terms: NoticeTerms) -> None:
    """What they say beyond their preset: the rest goes without saying."""
    run.note("agreements", key, "terms.preset", "", terms.preset)
    for change in differing(_starting_point(terms.preset), terms_to_mapping(terms)):
        run.note("agreements", key, f"terms.{change.name}", "", change.after or "–")


@lru_cache(maxsize=64)
def _starting_point(preset: str) -> Mapping[str, Any]:
    nothing_said = NoticeTerms(counting=Counting(CountingRule.CONTRACT_CALENDAR, "UTC"))
    return {**terms_to_mapping(PRESETS.get(preset, nothing_said)), "preset": preset}


def _record_new(run: ImportRun, entry: AgreementEntry, agreement: AgreementRow) -> None:
    run.evidence.append(
        NewEvidence(
            "agreement_recorded",
            "agreement",
            agreement.id,
            {
                "by": run.by,
                "reference": entry.reference,
                "client": entry.client,
                "language": entry.language,
                "services": [x.service for x in entry.services],
                "contacts": [
                    {
                        "contact": x.contact,
                        "kind": x.kind,
                        "clause": x.clause,
                        "designated_on": x.designated_on,
                        "letter_reference": x.letter_reference,
                    }
                    for x in entry.contacts
                ],
                "terms": terms_to_mapping(entry.terms) if entry.terms else None,
            },
        )
    )
