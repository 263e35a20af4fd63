"""Keep what the list says of the vendor itself, and the export laws of its clients' data."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.load_transfer_reference import reference_in_use
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import Problem, ProblemsFound, RuleError
from subnotify.rules.facts_assessment import assess_facts, is_lawful
from subnotify.rules.reading import Reader
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import (
    VendorProfile,
    read_vendor,
    vendor_from_mapping,
    vendor_to_mapping,
)
from subnotify.storage.registry import VENDOR_ID, list_entries_in_force
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.vendor_laws import list_agreements_naming


class VendorChanged(RuleError):
    message = (
        "Somebody else changed the vendor's profile meanwhile. What you typed stands below: save"
        " it again if it is right."
    )


def keep_vendor(
    session: Session,
    fields: Mapping[str, Any],
    *,
    seen: str,
    by: str,
    actor: str,
    at: datetime,
) -> bool:
    """Keep these fields of the vendor's profile, the others stay; whether anything changed.

    fields: by the names of an import file's `vendor` section. seen: the `profile_digest` of what
    was shown. Raises ProblemsFound at vendor.<field>, VendorChanged, and NotFound before the
    first import. Agreements that name a law keep it from being removed.
    """
    with transaction(session):
        row = lock_vendor(session)
        before = vendor_from_mapping(row.profile)
        reader = Reader()
        plain = {**vendor_to_mapping(before), **fields}
        profile = read_vendor(plain, "vendor", reader, reference_in_use(session))
        if not fields.get("laws", before.laws):
            reader.problem("vendor.laws", "No export law is named.", "Choose at least one.")
        problems = [*reader.problems]
        if profile is not None:
            problems += laws_named_but_gone(session, profile.laws)
        if profile is None or problems:
            raise ProblemsFound(tuple(problems))
        if profile == before:
            return False
        if seen != profile_digest(before):
            raise VendorChanged
        stored = vendor_to_mapping(before)
        row.profile = vendor_to_mapping(profile)
        append_evidence(
            session,
            "vendor_changed",
            actor=actor,
            object_type="vendor",
            object_id=VENDOR_ID,
            content={"by": by, **_differences(stored, row.profile)},
            at=at,
        )
    return True


def profile_digest(profile: VendorProfile) -> str:
    """The vendor's profile as one short value."""
    plain = json.dumps(vendor_to_mapping(profile), sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def unlawful_under(
    session: Session, laws: Collection[ExportLaw], *, on: date
) -> tuple[tuple[int, str], ...]:
    """Entries in force that would not be lawful under one of these laws on the vendor's day `on`:
    ids of their subprocessors, and names."""
    reference = reference_in_use(session)
    return tuple(
        (entry.subprocessor_id, entry.facts.name)
        for entry in list_entries_in_force(session, on)
        if not is_lawful(assess_facts(reference, entry.facts, sorted(laws), on=on))
    )


def laws_named_but_gone(session: Session, laws: Collection[ExportLaw]) -> tuple[Problem, ...]:
    """The problem of agreements that name a law which is not among these of the vendor."""
    gone = set(ExportLaw) - set(laws)
    found = list_agreements_naming(session, gone) if gone else ()
    if not found:
        return ()
    return (
        Problem(
            "vendor.laws",
            "Agreements name a law that would be removed: %(references)s.",
            "Take the law out of these agreements first.",
            (("references", ", ".join(found[:5]) + (", …" if len(found) > 5 else "")),),
        ),
    )


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    names = [name for name in after if before.get(name) != after[name]]
    return {
        "before": {name: before.get(name) for name in names},
        "after": {name: after[name] for name in names},
    }
