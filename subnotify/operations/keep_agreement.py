"""Add an agreement of a client, or change its reference, language and day of signature."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.registry_part import (
    Kept,
    Plain,
    RegistryPart,
    agreement_entry,
    append_gathered,
    client_entry,
    keep_in_part,
    open_part,
    open_part_of_agreement,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import Problem, ProblemsFound
from subnotify.rules.keys import key_from_name
from subnotify.rules.transfer_words import ExportLaw
from subnotify.storage.client_rows import lock_registry
from subnotify.storage.tables import AgreementRow


@dataclass(frozen=True)
class AgreementFacts:
    """reference: the contract's own. language: of the notices, en or fr. laws: of the vendor's
    export laws, those that this client's data fall under; none: all of them."""

    reference: str
    language: str
    signed_on: date | None = None
    laws: tuple[ExportLaw, ...] = ()


@dataclass(frozen=True)
class SignedContent:
    """What a new agreement says when it is signed. Contacts and services by their keys.

    from_on: the first day of these services; None: not limited. clause: names the notice contacts.
    """

    services: tuple[str, ...] = ()
    from_on: date | None = None
    notice_contacts: tuple[str, ...] = ()
    clause: str = ""
    copy_contacts: tuple[str, ...] = ()


def add_agreement(
    session: Session,
    client_id: int,
    facts: AgreementFacts,
    content: SignedContent,
    *,
    key: str = "",
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Add an agreement; without a key, one is made from its reference. Its notice contacts are
    those that the signed agreement names, so no letter is asked for.

    The same again adds nothing. zone: the vendor's. Raises ProblemsFound at the fields' names,
    and NotFound.
    """
    with transaction(session):
        lock_registry(session)
        part = open_part(session, client_id, by=by, at=at, zone=zone)
        known = _find_same_reference(part, facts.reference)
        if known is not None and _shown(known) == _as_shown(facts):
            return Kept(known.id, is_changed=False)
        if known is not None:
            raise _reference_taken()
        key = _choose_key(session, facts, key)
        entry = _new_entry(part, key, facts, content)
        keep_in_part(part, {"clients": [client_entry(part.client)], "agreements": [entry]})
        append_gathered(part.run, [], actor=actor)
        return Kept(part.agreements.agreements[key].id, is_changed=True)


def change_agreement(
    session: Session,
    agreement_id: int,
    facts: AgreementFacts,
    *,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Change an agreement's facts; its key and client stay. Notices that were sent stay as sent.

    Raises ProblemsFound at the fields' names, and NotFound.
    """
    with transaction(session):
        part = open_part_of_agreement(session, agreement_id, by=by, at=at, zone=zone)
        row = part.get_agreement(agreement_id)
        other = _find_same_reference(part, facts.reference)
        if other is not None and other.id != agreement_id:
            raise _reference_taken()
        before = _shown(row)
        entry = {**agreement_entry(part, row), **_as_shown(facts)}
        keep_in_part(part, {"agreements": [entry]})
        is_changed = before != _shown(row)
        if is_changed:
            said = {"by": by, "before": before, "after": _shown(row)}
            fact = NewEvidence("agreement_changed", "agreement", agreement_id, said)
            append_gathered(part.run, [fact], actor=actor)
        return Kept(agreement_id, is_changed)


def _new_entry(
    part: RegistryPart, key: str, facts: AgreementFacts, content: SignedContent
) -> Plain:
    return {
        "key": key,
        "client": part.client.key,
        **_as_shown(facts),
        "services": [{"service": x, "from_on": content.from_on} for x in content.services],
        "notice_contacts": [
            {"contact": x, "clause": content.clause, "designated_on": facts.signed_on}
            for x in content.notice_contacts
        ],
        "copy_contacts": [
            {"contact": x} for x in content.copy_contacts if x not in content.notice_contacts
        ],
    }


def _choose_key(session: Session, facts: AgreementFacts, wanted: str) -> str:
    base, number = wanted or key_from_name(facts.reference, "agreement"), 0
    while True:
        key = f"{base}-{number}" if number else base
        taken = session.scalar(select(AgreementRow.id).where(AgreementRow.key == key))
        if taken is None:
            return key
        if wanted:
            raise ProblemsFound(
                (
                    Problem(
                        "key",
                        "“%(key)s” is the key of another agreement.",
                        "Choose another key, or leave it empty.",
                        (("key", key),),
                    ),
                )
            )
        number += 1


def _find_same_reference(part: RegistryPart, reference: str) -> AgreementRow | None:
    rows = part.agreements.agreements.values()
    return next((row for row in rows if row.reference == reference), None)


def _reference_taken() -> ProblemsFound:
    return ProblemsFound(
        (
            Problem(
                "reference",
                "This client has another agreement with this reference.",
                "Open that one, or give this one a reference of its own.",
            ),
        )
    )


def _as_shown(facts: AgreementFacts) -> Plain:
    return {
        "reference": facts.reference,
        "language": facts.language,
        "signed_on": facts.signed_on,
        "laws": sorted(facts.laws),
    }


def _shown(row: AgreementRow) -> Plain:
    return {
        "reference": row.reference,
        "language": row.language,
        "signed_on": row.signed_on,
        "laws": sorted(row.export_laws),
    }
