"""Notices given before subnotify was used: what they need to be brought in, and their rows."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.words import Channel, ContactKind
from subnotify.storage.concerned import agreements_buying
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    BroughtInNoticeRow,
    CaseRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    TermsVersionRow,
)

# "B2026-001": apart from the numbers of what subnotify announced itself.
PREFIX = "B"


@dataclass(frozen=True)
class GivenAgreement:
    """An agreement with its present terms and its notice contacts, also former ones, by key."""

    id: int
    language: str
    ended_on: date | None
    terms_id: int | None
    terms: NoticeTerms | None
    contacts: Mapping[str, ContactRow]
    designations: Mapping[str, Sequence[AgreementContactRow]]

    def designated_on(self, day: date) -> frozenset[str]:
        """Keys of those who were designated on that day."""
        return frozenset(
            key
            for key, rows in self.designations.items()
            if any(
                (row.designated_on is None or row.designated_on <= day)
                and (row.ended_on is None or row.ended_on > day)
                for row in rows
            )
        )


@dataclass(frozen=True)
class KnownNotice:
    """A notice that an agreement has of a change. brought_in: by contact key and channel, empty
    where subnotify gave it itself."""

    reference: str
    brought_in: Mapping[tuple[str, Channel], BroughtInNoticeRow]


def load_given_agreements(session: Session, keys: Collection[str]) -> dict[str, GivenAgreement]:
    """The agreements of these keys that exist."""
    rows = session.execute(
        select(AgreementRow, TermsVersionRow)
        .outerjoin(
            TermsVersionRow,
            (TermsVersionRow.agreement_id == AgreementRow.id) & TermsVersionRow.is_current,
        )
        .where(AgreementRow.key.in_(keys))
    ).all()
    contacts: dict[int, dict[str, ContactRow]] = defaultdict(dict)
    designations: dict[int, dict[str, list[AgreementContactRow]]] = defaultdict(
        lambda: defaultdict(list)
    )
    named = session.execute(
        select(AgreementContactRow, ContactRow)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            AgreementContactRow.agreement_id.in_([row.id for row, _ in rows]),
            AgreementContactRow.kind == ContactKind.NOTICE.value,
        )
    )
    for designation, contact in named:
        contacts[designation.agreement_id][contact.key] = contact
        designations[designation.agreement_id][contact.key].append(designation)
    return {
        row.key: GivenAgreement(
            id=row.id,
            language=row.language,
            ended_on=row.ended_on,
            terms_id=version.id if version else None,
            terms=terms_from_mapping(version.terms) if version else None,
            contacts=contacts[row.id],
            designations=designations[row.id],
        )
        for row, version in rows
    }


def list_known_notices(session: Session, change_id: int) -> dict[int, KnownNotice]:
    """The notices of a change by agreement id."""
    rows = session.execute(
        select(CaseRow.agreement_id, NoticeRow.id, NoticeRow.reference)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(CaseRow.change_id == change_id)
    ).all()
    brought: dict[int, dict[tuple[str, Channel], BroughtInNoticeRow]] = defaultdict(dict)
    found = session.execute(
        select(BroughtInNoticeRow, ContactRow.key, MessageRow.channel)
        .join(MessageRow, MessageRow.id == BroughtInNoticeRow.message_id)
        .join(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(BroughtInNoticeRow.notice_id.in_([row.id for row in rows]))
    )
    for row, key, channel in found:
        brought[row.notice_id][key, Channel(channel)] = row
    return {row.agreement_id: KnownNotice(row.reference, brought[row.id]) for row in rows}


def list_concerned_keys(session: Session, change_id: int, on: date) -> dict[int, str]:
    """The agreements that a change concerns on that day: keys by id."""
    rows = session.execute(
        select(AgreementRow.id, AgreementRow.key).where(
            AgreementRow.id.in_(agreements_buying([change_id], on))
        )
    )
    return dict(rows.all())


def list_brought_in_numbers(session: Session, year: int) -> tuple[str, ...]:
    """The numbers of what was brought in of a year, without their letter."""
    rows = session.scalars(
        select(ReleaseRow.number).where(ReleaseRow.number.like(f"{PREFIX}{year}-%"))
    )
    return tuple(number.removeprefix(PREFIX) for number in rows if number)
