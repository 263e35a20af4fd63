"""One notice as its client may read it: everything is loaded through the notice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.allowed_countries import read_countries
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.texts import LocalText, local_text
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import (
    ChangeKind,
    ChangeState,
    ContactKind,
    MessagePurpose,
    NoticeState,
    Outcome,
    ProofKind,
    SettlementKind,
)
from subnotify.storage.change_names import names_for
from subnotify.storage.corrections import CorrectedRelease, find_corrected, number_of_correction
from subnotify.storage.notice_briefs import NoticeBrief, get_notice_brief
from subnotify.storage.serving_moves import serving_moves
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    ContactRow,
    ListEntryRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ReceiptProofRow,
    ReleaseRow,
    ServiceRow,
    SettlementRow,
)


@dataclass(frozen=True)
class ChangeShown:
    """One change of the notice. services: names of those concerned under this agreement. before:
    what the list said of an entry that is amended or removed, as frozen with the release. names:
    of services by key, of entries by "entry <key>". laws: that the client's data fall under;
    empty: all of the vendor's. blocked: countries that the agreement does not allow. closes_at: of
    the last window, also where its notice is not served any more."""

    case_id: int
    position: int
    kind: ChangeKind
    state: ChangeState
    facts: SubprocessorFacts
    replaced: SubprocessorFacts | None
    services: tuple[str, ...]
    commencement_on: date | None
    commenced_at: datetime | None
    outcome: Outcome | None
    outcome_at: datetime | None
    before: SubprocessorFacts | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    laws: frozenset[ExportLaw] = frozenset()
    blocked: tuple[str, ...] = ()
    closes_at: datetime | None = None


@dataclass(frozen=True)
class Delivered:
    """A proof about the message to one contact."""

    contact_name: str
    email: str
    contact_kind: ContactKind
    kind: ProofKind
    host: str
    at: datetime


@dataclass(frozen=True)
class ContactShown:
    name: str
    email: str
    kind: ContactKind


@dataclass(frozen=True)
class SettlementShown:
    """Legal's latest decision on a case. services: names of those a termination ends.

    takes_effect_on: the first day without them, where the terms do not fix it.
    """

    case_id: int
    kind: SettlementKind
    services: tuple[str, ...]
    takes_effect_on: date | None
    decided_at: datetime


@dataclass(frozen=True)
class OutcomeShown:
    """An outcome as recorded, or (outcome None) that one was taken back."""

    case_id: int
    outcome: Outcome | None
    at: datetime


@dataclass(frozen=True)
class NoticeShown:
    """A notice with what surrounds it. reason, paragraph, emergency: as the vendor wrote
    them.

    queued_at: when its present serving was queued, None where nobody could be written to.
    serving_moves: how often it was recorded that it is served, is not, or is sent anew.
    corrected: the release that it takes the place of. corrected_by: number of the release that
    took its place, by a notice under the same agreement; empty where none did.
    """

    brief: NoticeBrief
    language: str
    client_name: str
    client_country: str
    agreement_reference: str
    agreement_signed_on: date | None
    release_number: str
    released_at: datetime
    reason: LocalText
    paragraph: LocalText
    emergency: LocalText
    state: NoticeState
    queued_at: datetime | None
    served_at: datetime | None
    served_proof: ProofKind | None
    changes: tuple[ChangeShown, ...]
    delivered: tuple[Delivered, ...]
    contacts: tuple[ContactShown, ...]
    outcomes: tuple[OutcomeShown, ...]
    settlements: Mapping[int, SettlementShown]
    corrected: CorrectedRelease | None = None
    corrected_by: str = ""
    serving_moves: int = 0

    @cached_property
    def time_zone(self) -> str:
        """The agreement's, in which the client reads every instant."""
        terms = self.brief.terms
        return terms.counting.time_zone if terms else "UTC"


def get_notice_shown(session: Session, notice_id: int, *, at: datetime) -> NoticeShown:
    """Raises NotFound."""
    brief = get_notice_brief(session, notice_id)
    notice, release, agreement, client, corrected_by, moves = session.execute(
        select(
            *(NoticeRow, ReleaseRow, AgreementRow, ClientRow),
            *(number_of_correction(), serving_moves()),
        )
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(NoticeRow.id == notice_id)
    ).one()
    return NoticeShown(
        brief=brief,
        language=notice.language,
        client_name=client.name,
        client_country=client.country,
        agreement_reference=agreement.reference,
        agreement_signed_on=agreement.signed_on,
        release_number=release.number or "",
        released_at=release.released_at or notice.created_at,
        reason=local_text(release.reason),
        paragraph=local_text(release.paragraph),
        emergency=local_text(release.emergency_reason),
        state=NoticeState(notice.state),
        queued_at=session.scalar(
            select(func.max(MessageRow.queued_at)).where(
                MessageRow.notice_id == notice_id, MessageRow.purpose == MessagePurpose.NOTICE
            )
        ),
        served_at=notice.served_at,
        served_proof=ProofKind(notice.served_proof) if notice.served_proof else None,
        changes=_changes(session, brief, notice.created_at.date()),
        delivered=_delivered(session, notice_id),
        contacts=_contacts(session, notice_id),
        outcomes=_outcomes(session, brief),
        settlements=_settlements(session, brief, at),
        corrected=find_corrected(session, release.corrects_id),
        corrected_by=corrected_by or "",
        serving_moves=moves,
    )


def _changes(session: Session, brief: NoticeBrief, on: date) -> tuple[ChangeShown, ...]:
    rows = session.execute(
        select(CaseRow, ChangeRow, AgreementRow.export_laws)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .where(CaseRow.notice_id == brief.notice_id)
        .order_by(ChangeRow.position, CaseRow.id)
        .execution_options(populate_existing=True)
    ).all()
    names = names_for(session, (change for _, change, _ in rows))
    return tuple(
        ChangeShown(
            case_id=case.id,
            position=change.position or 1,
            kind=ChangeKind(change.kind),
            state=ChangeState(change.state),
            facts=facts_from_mapping(change.facts or {}),
            replaced=find_listed(session, change.replaced_id, on),
            services=tuple(brief.services[case.id].values()),
            commencement_on=change.commencement_on,
            commenced_at=change.commenced_at,
            outcome=Outcome(case.outcome) if case.outcome else None,
            outcome_at=case.outcome_at,
            before=facts_from_mapping(change.before_facts) if change.before_facts else None,
            names=names,
            laws=laws,
            blocked=read_countries(case.blocked_countries),
            closes_at=case.closes_at,
        )
        for case, change, laws in rows
    )


def find_listed(session: Session, replaced_id: int | None, on: date) -> SubprocessorFacts | None:
    """What the list said of the entry replaced on the day of the notice."""
    if replaced_id is None:
        return None
    facts = session.scalar(
        select(ListEntryRow.facts)
        .where(ListEntryRow.subprocessor_id == replaced_id, ListEntryRow.in_force_from_on <= on)
        .order_by(ListEntryRow.in_force_from_on.desc(), ListEntryRow.id.desc())
        .limit(1)
    )
    return facts_from_mapping(facts) if facts is not None else None


def _delivered(session: Session, notice_id: int) -> tuple[Delivered, ...]:
    rows = session.execute(
        select(ReceiptProofRow, MessageRow, ContactRow.name)
        .join(MessageRow, MessageRow.id == ReceiptProofRow.message_id)
        .outerjoin(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(ReceiptProofRow.notice_id == notice_id)
        .order_by(ReceiptProofRow.at, ReceiptProofRow.id)
    )
    return tuple(
        Delivered(
            contact_name=name or "",
            email=message.to_address or "",
            contact_kind=ContactKind(message.contact_kind or ContactKind.COPY),
            kind=ProofKind(proof.kind),
            host=message.host or "",
            at=proof.at,
        )
        for proof, message, name in rows
    )


def _contacts(session: Session, notice_id: int) -> tuple[ContactShown, ...]:
    """Whom this notice was addressed to."""
    rows = session.execute(
        select(MessageRow.contact_kind, MessageRow.to_address, ContactRow)
        .join(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(MessageRow.notice_id == notice_id, MessageRow.purpose == MessagePurpose.NOTICE)
        .order_by(MessageRow.contact_kind, MessageRow.to_address.is_not(None), MessageRow.id)
    )
    shown = {
        contact.id: ContactShown(
            name=contact.name,
            email=address or "",
            kind=ContactKind(kind or ContactKind.COPY),
        )
        for kind, address, contact in rows
    }
    return tuple(sorted(shown.values(), key=lambda one: one.kind is not ContactKind.NOTICE))


def _outcomes(session: Session, brief: NoticeBrief) -> tuple[OutcomeShown, ...]:
    rows = session.execute(
        select(OutcomeRow.case_id, OutcomeRow.outcome, OutcomeRow.at)
        .where(OutcomeRow.case_id.in_(brief.case_ids))
        .order_by(OutcomeRow.at, OutcomeRow.id)
    )
    return tuple(
        OutcomeShown(row.case_id, Outcome(row.outcome) if row.outcome else None, row.at)
        for row in rows
    )


def _settlements(session: Session, brief: NoticeBrief, at: datetime) -> dict[int, SettlementShown]:
    """Without those that legal can still undo."""
    counts = or_(SettlementRow.counts_at.is_(None), SettlementRow.counts_at <= at)
    rows = session.scalars(
        select(SettlementRow)
        .where(SettlementRow.case_id.in_(brief.case_ids), SettlementRow.undone_at.is_(None), counts)
        .order_by(SettlementRow.id)
    ).all()
    keys = {key for row in rows for key in row.services}
    found = session.execute(select(ServiceRow.key, ServiceRow.name).where(ServiceRow.key.in_(keys)))
    names = {row.key: row.name for row in found}
    return {
        row.case_id: SettlementShown(
            case_id=row.case_id,
            kind=SettlementKind(row.kind),
            services=tuple(names.get(key, key) for key in row.services),
            takes_effect_on=row.takes_effect_on,
            decided_at=row.decided_at,
        )
        for row in rows
    }
