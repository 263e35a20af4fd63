"""What sending a release takes, and whose notice is still on its way: counts by terms."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import Session

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import (
    ChangeKind,
    ChangeState,
    Channel,
    ContactKind,
    MessagePurpose,
    MessageState,
)
from subnotify.storage.concerned import agreements_buying, contact_is_designated
from subnotify.storage.sending_progress import ON_THEIR_WAY, domain_of
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    ChangeRow,
    ClientRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    TermsVersionRow,
)

CHUNK = 500


@dataclass(frozen=True, slots=True)
class WaitingTerms:
    """Agreements with the same terms of which the notice has not left. terms_id: one version that
    stands for all."""

    digest: str
    terms_id: int
    agreements: int


@dataclass(frozen=True, slots=True)
class AnnouncedChange:
    """What decides until when a change's notice is in time."""

    id: int
    kind: ChangeKind
    facts: SubprocessorFacts
    commencement_on: date


@dataclass(frozen=True, slots=True)
class WaitingAgreement:
    id: int
    client_name: str
    reference: str
    digest: str


def count_draft_mails(session: Session, change_ids: Sequence[int], on: date) -> tuple[int, int]:
    """How many notice mails the release of these changes sends on that day, and how many of them
    go to the recipients' domain that gets most."""
    if not change_ids:
        return 0, 0
    per_contact = (
        select(AgreementContactRow.agreement_id, ContactRow.email)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            AgreementContactRow.agreement_id.in_(agreements_buying(change_ids, on)),
            contact_is_designated(on),
            func.coalesce(ContactRow.email, "") != "",
        )
        # Each contact once, though it may be designated and copied.
        .group_by(AgreementContactRow.agreement_id, ContactRow.id, ContactRow.email)
        .subquery("per_contact")
    )
    by_domain = (
        select(func.count().label("number"))
        .select_from(per_contact)
        .group_by(domain_of(session, per_contact.c.email))
        .subquery("by_domain")
    )
    mails, largest = session.execute(
        select(func.sum(by_domain.c.number), func.max(by_domain.c.number))
    ).one()
    return int(mails or 0), int(largest or 0)


def list_announced_changes(session: Session, release_id: int) -> tuple[AnnouncedChange, ...]:
    """The changes of a release that wait for their commencement."""
    rows = session.execute(
        select(ChangeRow.id, ChangeRow.kind, ChangeRow.facts, ChangeRow.commencement_on)
        .where(ChangeRow.release_id == release_id, ChangeRow.state == ChangeState.RELEASED)
        .order_by(ChangeRow.position)
    )
    return tuple(
        AnnouncedChange(
            row.id, ChangeKind(row.kind), facts_from_mapping(row.facts or {}), row.commencement_on
        )
        for row in rows
        if row.commencement_on is not None
    )


def list_waiting_terms(session: Session, release_id: int) -> tuple[WaitingTerms, ...]:
    """The agreements of a release whose notice has not left, by their terms; those a person holds
    back among them. Without terms no date can be computed: these are left out."""
    rows = session.execute(
        select(
            TermsVersionRow.digest,
            func.min(TermsVersionRow.id).label("terms_id"),
            func.count().label("number"),
        )
        .select_from(NoticeRow)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(NoticeRow.release_id == release_id, has_not_left())
        .group_by(TermsVersionRow.digest)
    )
    return tuple(WaitingTerms(row.digest, row.terms_id, row.number) for row in rows)


def list_waiting_agreements(
    session: Session, release_id: int, digests: Collection[str], *, limit: int
) -> tuple[WaitingAgreement, ...]:
    """Some of those agreements whose terms have one of these digests, by client."""
    found: list[WaitingAgreement] = []
    listed = sorted(digests)
    for start in range(0, len(listed), CHUNK):
        rows = session.execute(
            _waiting_agreements(release_id)
            .where(TermsVersionRow.digest.in_(listed[start : start + CHUNK]))
            .limit(limit)
        )
        found += (WaitingAgreement(*row) for row in rows)
    return tuple(sorted(found, key=lambda x: (x.client_name, x.id))[:limit])


def _waiting_agreements(release_id: int) -> Select[int, str, str, str]:
    return (
        select(AgreementRow.id, ClientRow.name, AgreementRow.reference, TermsVersionRow.digest)
        .select_from(NoticeRow)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(NoticeRow.release_id == release_id, has_not_left())
        .order_by(ClientRow.name, AgreementRow.id)
    )


def has_not_left() -> ColumnElement[bool]:
    """A mail of the notice's present serving to a designated contact is on its way, or held back
    with its release."""
    moving = (*ON_THEIR_WAY, MessageState.PAUSED)
    return and_(
        NoticeRow.dispatched_at.is_(None),
        exists().where(
            MessageRow.notice_id == NoticeRow.id,
            MessageRow.channel == Channel.EMAIL,
            MessageRow.purpose == MessagePurpose.NOTICE,
            MessageRow.contact_kind == ContactKind.NOTICE,
            MessageRow.serving_number == NoticeRow.serving_number,
            MessageRow.state.in_(moving),
        ),
    )
