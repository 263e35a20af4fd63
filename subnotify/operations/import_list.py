"""The vendor and its services, from an import file."""

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from subnotify.operations.import_run import Effect, ImportRun, assign
from subnotify.rules.registry_entries import RegistryFile
from subnotify.rules.vendor import VendorProfile, vendor_from_mapping, vendor_to_mapping
from subnotify.rules.vendor_mechanisms import with_modified_days
from subnotify.storage.registry import VENDOR_ID
from subnotify.storage.tables import ServiceRow, VendorRow


def import_vendor(run: ImportRun, file: RegistryFile) -> bool:
    """Keep the vendor's profile; whether its list is published already."""
    row = run.session.get(VendorRow, VENDOR_ID)
    if file.vendor is None:
        if row is None:
            run.problem(
                "file",
                "The vendor is not described yet.",
                "Add a section `vendor` with name and contact_email.",
            )
            run.raise_problems()
        return row is not None and row.first_published_at is not None
    said = _with_what_stays(file.vendor, file.vendor_says, row)
    profile = vendor_to_mapping(_with_modified_days(said, row, run.today))
    if row is None:
        run.session.add(VendorRow(id=VENDOR_ID, profile=profile, list_version=0))
        run.session.flush()
        run.note_all("vendor", "", {}, profile)
        run.count("vendor", Effect.NEW, "")
        return False
    # As it reads now: a field that came with a newer version of the program is no difference.
    before = vendor_to_mapping(vendor_from_mapping(row.profile))
    run.note_all("vendor", "", before, profile)
    differs = before != profile and assign(row, profile=profile)
    run.count("vendor", Effect.CHANGED if differs else Effect.UNCHANGED, "")
    return row.first_published_at is not None


def _with_what_stays(
    profile: VendorProfile, says: frozenset[str], stored: VendorRow | None
) -> VendorProfile:
    """A file that does not name the export laws or the mechanisms takes none of them away."""
    if stored is None:
        return profile
    before = vendor_from_mapping(stored.profile)
    return replace(
        profile,
        laws=profile.laws if "laws" in says else before.laws,
        mechanisms=profile.mechanisms if "mechanisms" in says else before.mechanisms,
    )


def _with_modified_days(
    profile: VendorProfile, stored: VendorRow | None, today: date
) -> VendorProfile:
    before = vendor_from_mapping(stored.profile).mechanisms if stored is not None else ()
    return replace(profile, mechanisms=with_modified_days(profile.mechanisms, before, today))


def import_services(run: ImportRun, file: RegistryFile) -> None:
    rows = {row.key: row for row in run.session.scalars(select(ServiceRow))}
    for entry in file.services:
        row = rows.get(entry.key)
        if row is None:
            run.session.add(ServiceRow(key=entry.key, name=entry.name))
            run.note("services", entry.key, "name", "", entry.name)
            run.count("services", Effect.NEW, entry.key)
        else:
            changed = run.assign("services", entry.key, row, name=entry.name)
            run.count("services", Effect.CHANGED if changed else Effect.UNCHANGED, entry.key)
    run.session.flush()
