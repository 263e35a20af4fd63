"""Agreements by their terms: what a release's plan names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, select
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
        _agreements(change_ids, on)
        .where(TermsVersionRow.digest.in_(digests))
        .order_by(rank, ClientRow.name, AgreementRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(PlannedAgreement(*row) for row in rows)


def list_all_by_terms(
    session: Session, change_ids: Sequence[int], digests: Sequence[str], on: date
) -> tuple[PlannedAgreement, ...]:
    """All agreements concerned with any of these terms, by client."""
    found: list[PlannedAgreement] = []
    if not change_ids:
        return ()
    for start in range(0, len(digests), CHUNK):
        rows = session.execute(
            _agreements(change_ids, on).where(
                TermsVersionRow.digest.in_(digests[start : start + CHUNK])
            )
        )
        found += (PlannedAgreement(*row) for row in rows)
    return tuple(sorted(found, key=lambda x: (x.client_name, x.id)))


def _agreements(change_ids: Sequence[int], on: date) -> Select[int, str, str, str]:
    return (
        select(AgreementRow.id, ClientRow.name, AgreementRow.reference, TermsVersionRow.digest)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(TermsVersionRow, TermsVersionRow.agreement_id == AgreementRow.id)
        .where(TermsVersionRow.is_current, AgreementRow.id.in_(agreements_buying(change_ids, on)))
    )
