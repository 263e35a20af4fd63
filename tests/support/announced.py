"""A release with one notice per client, written as rows: what mails and receipts are made from."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.vendor import vendor_to_mapping
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    ChangeState,
    Channel,
    ContactKind,
    MessagePurpose,
    MessageState,
    NoticeState,
    ReleaseState,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    Timeliness,
)
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ChangeServiceRow,
    ClientRow,
    ContactRow,
    ListEntryRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    ResponseRow,
    ServiceRow,
    SubprocessorRow,
    TermsVersionRow,
    VendorRow,
)
from tests.support.announced_facts import COMMENCEMENT, FIFTEEN_DAYS, IONOS, OVH, SENTRY, VENDOR


@dataclass
class Announced:
    """Ids of what was written. notices and cases by client key; cases in the changes' order."""

    release_id: int
    change_ids: list[int]
    notices: dict[str, int] = field(default_factory=dict)
    cases: dict[str, list[int]] = field(default_factory=dict)
    contacts: dict[str, list[int]] = field(default_factory=dict)


def announce(session: Session, *, at: datetime, changes: int = 2) -> Announced:
    """The vendor, two services, and a released release without notices yet."""
    add(session, VendorRow, id=1, profile=vendor_to_mapping(VENDOR), list_version=1)
    for key, name in (("monitoring", "Monitoring"), ("backup", "Backup")):
        add(session, ServiceRow, key=key, name=name)
    ids = {
        key: add(session, SubprocessorRow, key=key, draft_facts=None)
        for key in ("ovh", "ionos", "sentry")
    }
    add(
        session,
        ListEntryRow,
        subprocessor_id=ids["ionos"],
        facts=facts_to_mapping(IONOS),
        in_force_from_on=date(2025, 1, 1),
        published_at=at,
    )
    release_id = _add_release(session, at)
    replacement = (ChangeKind.REPLACEMENT, OVH, ids["ovh"], ids["ionos"])
    addition = (ChangeKind.ADDITION, SENTRY, ids["sentry"], None)
    change_ids = [
        _add_change(session, release_id, position, *change, at)
        for position, change in enumerate((replacement, addition)[:changes], start=1)
    ]
    return Announced(release_id, change_ids)


def add_client(
    session: Session,
    made: Announced,
    key: str,
    *,
    at: datetime,
    terms: NoticeTerms | None = FIFTEEN_DAYS,
    language: str = "en",
    services: tuple[int, ...] = (1, 2),
    copies: int = 1,
) -> int:
    """A client with one notice contact and copy contacts, its notice and cases; the notice id."""
    name = f"{key.capitalize()} SARL"
    client_id = add(session, ClientRow, key=key, name=name, country="FR", created_at=at)
    agreement_id = add(
        session,
        AgreementRow,
        key=key,
        client_id=client_id,
        reference=f"C-{key}",
        language=language,
    )
    for service_id in services:
        add(session, AgreementServiceRow, agreement_id=agreement_id, service_id=service_id)
    terms_id = None if terms is None else _add_terms(session, agreement_id, terms, at)
    made.contacts[key] = [
        _add_contact(session, key, client_id, agreement_id, number) for number in range(1 + copies)
    ]
    notice_id = add(
        session,
        NoticeRow,
        reference=f"2026-003-{agreement_id:05d}",
        release_id=made.release_id,
        agreement_id=agreement_id,
        terms_id=terms_id,
        language=language,
        state=NoticeState.QUEUED,
        created_at=at,
    )
    made.notices[key] = notice_id
    made.cases[key] = [
        add(
            session,
            CaseRow,
            change_id=change_id,
            agreement_id=agreement_id,
            notice_id=notice_id,
            state=CaseState.WAITING,
            holds=[],
        )
        for change_id in made.change_ids
    ]
    return notice_id


def add_notice_message(
    session: Session, made: Announced, key: str, *, at: datetime, copy: bool = False
) -> int:
    """The queued notice mail to the client's notice contact, or to its first copy contact."""
    notice_id, contact_id = made.notices[key], made.contacts[key][int(copy)]
    notice = session.get_one(NoticeRow, notice_id)
    return add(
        session,
        MessageRow,
        logical_key=f"notice:{notice_id}:{contact_id}:email:{notice.serving_number}",
        purpose=MessagePurpose.NOTICE,
        channel=Channel.EMAIL,
        notice_id=notice_id,
        contact_id=contact_id,
        contact_kind=ContactKind.COPY if copy else ContactKind.NOTICE,
        to_address=f"contact{int(copy)}@{key}.example",
        language=notice.language,
        state=MessageState.QUEUED,
        queued_at=at,
        next_attempt_at=at,
    )


def add_response(
    session: Session,
    notice_id: int,
    case_id: int | None,
    kind: ResponseKind,
    *,
    at: datetime,
    **values: Any,
) -> int:
    standard: dict[str, Any] = {
        "reference": f"R-{notice_id:06d}-{kind.value[:4].upper()}",
        "channel": ResponseChannel.LINK,
        "state": ResponseState.EFFECTIVE,
        "received_at": at,
        "timeliness": Timeliness.NO_WINDOW if kind is ResponseKind.OBJECTION else None,
        "by_name": "Dominique Petit",
        "by_role": "DPO",
        "text": "",
        "services": [],
        "digest": "ab" * 32,
    }
    return add(
        session,
        ResponseRow,
        notice_id=notice_id,
        case_id=case_id,
        kind=kind,
        **(standard | values),
    )


def add(session: Session, table: Any, **values: Any) -> int:
    """Insert one row; its id."""
    return int(session.execute(insert(table).values(**values)).inserted_primary_key[0])


def _add_release(session: Session, at: datetime) -> int:
    return add(
        session,
        ReleaseRow,
        number="2026-003",
        state=ReleaseState.RELEASED,
        reason={"en": "Costs of hosting.", "fr": "Coût de l'hébergement."},
        paragraph={"en": "Nothing moves outside the EU.", "fr": "Rien ne quitte l'UE."},
        commencement_on=COMMENCEMENT,
        drafted_by="p",
        drafted_at=at,
        released_at=at,
    )


def _add_change(
    session: Session,
    release_id: int,
    position: int,
    kind: ChangeKind,
    facts: SubprocessorFacts,
    subprocessor_id: int,
    replaced_id: int | None,
    at: datetime,
) -> int:
    change_id = add(
        session,
        ChangeRow,
        release_id=release_id,
        position=position,
        kind=kind,
        state=ChangeState.RELEASED,
        subprocessor_id=subprocessor_id,
        replaced_id=replaced_id,
        facts=facts_to_mapping(facts),
        commencement_on=COMMENCEMENT,
        drafted_by="p",
        drafted_at=at,
    )
    for number, key in enumerate(("monitoring", "backup"), start=1):
        if key in facts.services:
            add(session, ChangeServiceRow, change_id=change_id, service_id=number)
    return change_id


def _add_contact(session: Session, key: str, client_id: int, agreement_id: int, number: int) -> int:
    """Number 0 is the notice contact, the others get copies."""
    contact_id = add(
        session,
        ContactRow,
        key=str(number),
        client_id=client_id,
        name=f"Contact {number} of {key}",
        email=f"contact{number}@{key}.example",
    )
    add(
        session,
        AgreementContactRow,
        agreement_id=agreement_id,
        contact_id=contact_id,
        kind=ContactKind.COPY if number else ContactKind.NOTICE,
        clause="" if number else "annexe 2",
    )
    return contact_id


def _add_terms(session: Session, agreement_id: int, terms: NoticeTerms, at: datetime) -> int:
    mapping = terms_to_mapping(terms)
    unproven = {key: value for key, value in mapping.items() if key != "provenance"}
    return add(
        session,
        TermsVersionRow,
        agreement_id=agreement_id,
        number=1,
        terms=mapping,
        digest=plain_digest(unproven),
        not_computable=not_computable(terms),
        requires_agreement_dates=terms.requires_agreement_dates,
        recorded_at=at,
        recorded_by="import",
    )
