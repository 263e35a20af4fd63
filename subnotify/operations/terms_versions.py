"""A new version of an agreement's notice terms, for whoever writes one: the import, the desk.

No transaction of its own.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.operations.append_evidence import NewEvidence
from subnotify.rules.channels import notice_channels
from subnotify.rules.contradictions import contradictions
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.storage.tables import TermsVersionRow


def add_terms_version(
    session: Session,
    agreement_id: int,
    current: TermsVersionRow | None,
    terms: NoticeTerms,
    *,
    by: str,
    at: datetime,
) -> TermsVersionRow:
    """Make these the agreement's terms. current: the version that stops being so, which stays."""
    if current is not None:
        # By a statement, so that it happens before the new row: one version is the current one.
        session.execute(
            update(TermsVersionRow).where(TermsVersionRow.id == current.id).values(is_current=False)
        )
    row = TermsVersionRow(
        agreement_id=agreement_id,
        number=current.number + 1 if current else 1,
        is_current=True,
        terms=terms_to_mapping(terms),
        digest=terms_digest(terms),
        not_computable=not_computable(terms),
        is_contradictory=bool(contradictions(terms)),
        requires_agreement_dates=terms.requires_agreement_dates,
        notice_channels=str(notice_channels(terms)),
        recorded_at=at,
        recorded_by=by,
    )
    session.add(row)
    return row


def terms_recorded(row: TermsVersionRow) -> NewEvidence:
    """The evidence of a version."""
    content = {"by": row.recorded_by, "number": row.number, "terms": row.terms}
    return NewEvidence("terms_recorded", "agreement", row.agreement_id, content)


def says_the_same(stored: TermsVersionRow, terms: NoticeTerms) -> bool:
    """Whether a stored version says what these terms say, with provenance and readings; which
    preset they started from says nothing.

    The stored one is read first: a version kept before a field existed lacks it.
    """
    if stored.terms == terms_to_mapping(terms):
        return True
    return replace(read_version(stored), preset=terms.preset) == terms


def read_version(stored: TermsVersionRow) -> NoticeTerms:
    return terms_from_mapping(stored.terms)


def with_kept_readings(terms: NoticeTerms, stored: TermsVersionRow | None) -> NoticeTerms:
    """The terms with the readings that legal took of the stored ones, of what is left open still.

    A clause entered anew, or a file that knows of no reading, does not take one back.
    """
    if stored is None or not stored.terms.get("readings"):
        return terms
    return keeping_readings(terms, read_version(stored))


def keeping_readings(terms: NoticeTerms, before: NoticeTerms | None) -> NoticeTerms:
    """The same for terms that are read already."""
    taken = before.readings if before is not None else {}
    kept = {
        name: reading
        for name, reading in taken.items()
        if getattr(terms, name) == "unspecified" and name not in terms.readings
    }
    return replace(terms, readings={**kept, **terms.readings}) if kept else terms


def terms_digest(terms: NoticeTerms) -> str:
    """SHA-256 of what the terms say, apart from where they come from: equal terms, equal dates."""
    said = terms_to_mapping(terms)
    del said["provenance"], said["preset"]
    return plain_digest(said)
