"""What names a case on each of its pages, and the facts that its forms rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.errors import NotFound
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.windows import Window
from subnotify.rules.words import ChangeKind, ChangeState, ContactKind, MessagePurpose
from subnotify.storage.cases import load_case_facts
from subnotify.storage.notice_reading import find_listed
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ChangeServiceRow,
    ClientRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    ServiceRow,
)


@dataclass(frozen=True)
class CaseService:
    """A service of the agreement. until_on: the first day without it. is_concerned: the change is
    about it."""

    key: str
    name: str
    until_on: date | None
    is_concerned: bool

    @property
    def last_day_on(self) -> date | None:
        """The last day with it, as people say when it ends."""
        return self.until_on - timedelta(days=1) if self.until_on else None


@dataclass(frozen=True)
class Sibling:
    """A case of the same notice."""

    id: int
    position: int | None
    subprocessor: str


@dataclass(frozen=True)
class NoticeContact:
    """A designated contact to whom the notice went."""

    id: int
    name: str
    email: str


@dataclass(frozen=True)
class CaseHead:
    """What names a case on each of its pages.

    replaced: what the list said, on the day of the release, of the entry that goes in a
    replacement. services: of the agreement. siblings: all cases of the notice, this one included.
    """

    case: CaseRow
    notice: NoticeRow
    release: ReleaseRow
    change: ChangeRow
    client_name: str
    agreement: AgreementRow
    announced: SubprocessorFacts
    replaced: SubprocessorFacts | None
    facts: CaseFacts
    services: Sequence[CaseService]
    siblings: Sequence[Sibling]
    contacts: Sequence[NoticeContact]

    @property
    def before(self) -> SubprocessorFacts | None:
        """What the list said of an entry that is amended or removed, as frozen with the release."""
        frozen = self.change.before_facts
        return facts_from_mapping(frozen) if frozen else None

    @property
    def zone(self) -> str | None:
        """The agreement's zone; None where its terms are unknown."""
        return self.facts.terms.counting.time_zone if self.facts.terms else None

    @property
    def window(self) -> Window | None:
        return self.facts.window

    @property
    def change_kind(self) -> ChangeKind:
        return ChangeKind(self.change.kind)

    @property
    def change_state(self) -> ChangeState:
        return ChangeState(self.change.state)


def load_case_head(session: Session, case_id: int, *, at: datetime) -> CaseHead:
    """Raises NotFound."""
    row = session.execute(
        select(CaseRow, NoticeRow, ReleaseRow, ChangeRow, AgreementRow, ClientRow.name)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(CaseRow.id == case_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    case, notice, release, change, agreement, client_name = row
    return CaseHead(
        case=case,
        notice=notice,
        release=release,
        change=change,
        client_name=client_name,
        agreement=agreement,
        announced=facts_from_mapping(change.facts or {}),
        replaced=find_listed(session, change.replaced_id, notice.created_at.date()),
        facts=load_case_facts(session, [case_id], at=at)[case_id],
        services=_services(session, agreement.id, change.id),
        siblings=_siblings(session, notice.id),
        contacts=_contacts(session, notice),
    )


def _services(session: Session, agreement_id: int, change_id: int) -> Sequence[CaseService]:
    rows = session.execute(
        select(
            ServiceRow.key,
            ServiceRow.name,
            AgreementServiceRow.until_on,
            ChangeServiceRow.change_id,
        )
        .join(AgreementServiceRow, AgreementServiceRow.service_id == ServiceRow.id)
        .outerjoin(
            ChangeServiceRow,
            and_(
                ChangeServiceRow.service_id == ServiceRow.id,
                ChangeServiceRow.change_id == change_id,
            ),
        )
        .where(AgreementServiceRow.agreement_id == agreement_id)
        .order_by(ServiceRow.name)
    )
    return [
        CaseService(key, name, until_on, found is not None) for key, name, until_on, found in rows
    ]


def _siblings(session: Session, notice_id: int) -> Sequence[Sibling]:
    rows = session.execute(
        select(CaseRow.id, ChangeRow.position, ChangeRow.facts)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(CaseRow.notice_id == notice_id)
        .order_by(ChangeRow.position, CaseRow.id)
    )
    return [
        Sibling(case_id, position, str((facts or {}).get("name", "")))
        for case_id, position, facts in rows
    ]


def _contacts(session: Session, notice: NoticeRow) -> Sequence[NoticeContact]:
    rows = session.execute(
        select(ContactRow.id, ContactRow.name, MessageRow.to_address)
        .join(MessageRow, MessageRow.contact_id == ContactRow.id)
        .where(
            MessageRow.notice_id == notice.id,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            MessageRow.serving_number == notice.serving_number,
        )
        # Of a mail and a letter to the same contact the mail names its address.
        .order_by(MessageRow.to_address.is_not(None), MessageRow.id)
    )
    found = {
        contact_id: NoticeContact(contact_id, name, address or "")
        for contact_id, name, address in rows
    }
    return [found[contact_id] for contact_id in sorted(found)]
