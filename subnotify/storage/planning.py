"""Agreements by their terms: what a release's plan names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from subnotify.storage.concerned import agreements_buying
from subnotify.storage.tables import AgreementRow, ClientRow, TermsVersionRow

CHUNK = 500


@dataclass(frozen=True)
class PlannedAgreement:
    """An agreement concerned, with the digest of its present terms."""

    id: int
    client_name: str
    reference: str
    digest: str


def list_by_terms(
    session: Session,
    change_ids: Sequence[int],
    digests: Sequence[str],
    on: date,
    *,
    limit: int,
    offset: int = 0,
) -> tuple[PlannedAgreement, ...]:
    """Agreements concerned with these terms: in the order of the digests (a page's, so a few),
    then by client."""
    if not digests or not change_ids:
        return ()
    rank = case(
        {digest: place for place, digest in enumerate(digests)}, value=TermsVersionRow.digest
    )
    rows = session.execute(
        select(AgreementRow.id, ClientRow.name, AgreementRow.reference, TermsVersionRow.digest)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(TermsVersionRow, TermsVersionRow.agreement_id == AgreementRow.id)
        .where(
            TermsVersionRow.is_current,
            TermsVersionRow.digest.in_(digests),
            AgreementRow.id.in_(agreements_buying(change_ids, on)),
        )
        .order_by(rank, ClientRow.name, AgreementRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(PlannedAgreement(*row) for row in rows)


def list_ids_by_terms(
    session: Session, change_ids: Sequence[int], digests: Sequence[str], on: date
) -> list[int]:
    """The ids of all agreements concerned with any of these terms, sorted."""
    found: list[int] = []
    if not change_ids:
        return found
    for start in range(0, len(digests), CHUNK):
        found += session.scalars(
            select(TermsVersionRow.agreement_id).where(
                TermsVersionRow.is_current,
                TermsVersionRow.digest.in_(digests[start : start + CHUNK]),
                TermsVersionRow.agreement_id.in_(agreements_buying(change_ids, on)),
            )
        )
    return sorted(found)
