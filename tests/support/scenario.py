"""Rows for tests of what happens after a release: a notice served or not, with a known link.

    scenario = Scenario(session, at=at)
    announced = scenario.announce()                 # 15 days, English, one change, served at `at`
    announced.token, announced.notice_id, announced.case_ids

The rows are inserted, not made by the operations: a test of one operation needs no other one.
"""

import hashlib
import itertools
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import NoticeTerms, Provenance
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.vendor import vendor_to_mapping
from subnotify.rules.windows import compute_window, window_to_mapping
from subnotify.rules.words import (
    CaseState,
    Channel,
    ContactKind,
    HoldReason,
    MessagePurpose,
    MessageState,
    NoticeState,
    ProofKind,
)
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    ServiceRow,
    TermsVersionRow,
    VendorRow,
)
from tests.support.scenario_facts import VENDOR
from tests.support.scenario_rows import ScenarioRows

FIFTEEN = "fr-15-days"
REGISTERED = "fr-30-days-registered"
CLAUSES = {
    FIFTEEN: Provenance(
        clause="Art. 7.2",
        quotation="Au-delà de ce délai de quinze jours et sans réponse de sa part, le Client"
        " reconnaît avoir autorisé le sous-traitant ultérieur.",
        read_by="legal",
    ),
    REGISTERED: Provenance(
        clause="Art. 12.3",
        quotation="Le Client dispose d’un délai de trente jours à compter de la réception de"
        " cette information pour résilier par lettre recommandée avec avis de réception.",
        read_by="legal",
    ),
}


def terms_of(preset: str) -> NoticeTerms:
    """A preset as an agreement would carry it: proof of receipt chosen, clause on record."""
    return replace(
        PRESETS[preset],
        proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT}),
        provenance=CLAUSES[preset],
    )


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Announced:
    """One notice with its cases. tokens: one link for each contact, the first one's is `token`."""

    release_id: int
    notice_id: int
    agreement_id: int
    case_ids: tuple[int, ...]
    contact_ids: tuple[int, ...]
    message_ids: tuple[int, ...]
    tokens: tuple[str, ...]
    terms: NoticeTerms

    @property
    def token(self) -> str:
        return self.tokens[0]


class Scenario(ScenarioRows):
    """Makes rows. `at`: when releases go out and mail is accepted, unless said otherwise."""

    def __init__(self, session: Session, *, at: datetime) -> None:
        self.session = session
        self.at = at
        self._number = itertools.count(1)
        self._add(VendorRow(id=1, profile=vendor_to_mapping(VENDOR), list_version=1))
        self.services = {
            key: self._add(ServiceRow(key=key, name=name))
            for key, name in (("monitoring", "Monitoring"), ("helpdesk", "Helpdesk"))
        }
        session.commit()

    def announce(
        self,
        *,
        preset: str = FIFTEEN,
        terms: NoticeTerms | None = None,
        language: str = "en",
        changes: int = 1,
        served: bool = True,
        contacts: int = 1,
        copies: int = 0,
        at: datetime | None = None,
        commencement_on: date | None = None,
    ) -> Announced:
        """Release an addition (and, with changes=2, a replacement) to one new agreement.

        served: the recipient's server accepted the mails at `at`; else they are queued still.
        """
        at = at or self.at
        terms = terms or terms_of(preset)
        number = next(self._number)
        commencement_on = commencement_on or (at + timedelta(days=60)).date()
        agreement = self.add_agreement(number, terms, language, at)
        people = [
            self.add_contact(number, agreement, k, k < contacts) for k in range(contacts + copies)
        ]
        release = self.add_release(number, commencement_on, at)
        rows = [self.add_addition(release, number, commencement_on, at)]
        if changes > 1:
            rows.append(self.add_replacement(release, number, commencement_on, at))
        version = self.session.scalars(
            select(TermsVersionRow).where(TermsVersionRow.agreement_id == agreement.id)
        ).one()
        notice = self._add(
            NoticeRow(
                reference=f"{release.number}-{agreement.id:05d}",
                release_id=release.id,
                agreement_id=agreement.id,
                terms_id=version.id,
                language=language,
                state=NoticeState.QUEUED,
                created_at=at,
            )
        )
        cases = [self._add_case(notice, change) for change in rows]
        tokens = tuple(f"token-{number}-{k}-for-tests-only" for k in range(len(people)))
        messages = [
            self._add_message(notice, person, digest_of(token), k < contacts, at)
            for k, (person, token) in enumerate(zip(people, tokens, strict=True))
        ]
        if served:
            self._serve(notice, cases, messages, terms, at)
        self.session.commit()
        return Announced(
            release.id,
            notice.id,
            agreement.id,
            tuple(case.id for case in cases),
            tuple(person.id for person in people),
            tuple(message.id for message in messages),
            tokens,
            terms,
        )

    def _add_case(self, notice: NoticeRow, change: ChangeRow) -> CaseRow:
        return self._add(
            CaseRow(
                change_id=change.id,
                agreement_id=notice.agreement_id,
                notice_id=notice.id,
                state=CaseState.WAITING,
                holds=[],
                country="FR",
                language=notice.language,
            )
        )

    def _add_message(
        self, notice: NoticeRow, person: ContactRow, digest: str, is_notice: bool, at: datetime
    ) -> MessageRow:
        return self._add(
            MessageRow(
                logical_key=f"notice:{notice.id}:{person.id}:email:1",
                purpose=MessagePurpose.NOTICE,
                channel=Channel.EMAIL,
                notice_id=notice.id,
                contact_id=person.id,
                contact_kind=ContactKind.NOTICE if is_notice else ContactKind.COPY,
                to_address=person.email,
                language=notice.language,
                state=MessageState.QUEUED,
                queued_at=at,
                link_digest=digest,
            )
        )

    def _serve(
        self,
        notice: NoticeRow,
        cases: list[CaseRow],
        messages: list[MessageRow],
        terms: NoticeTerms,
        at: datetime,
    ) -> None:
        for message in messages:
            message.state = MessageState.HANDED_OVER
            message.handed_over_at = at
            message.host = "mx.client.example"
            message.last_reply = "250 2.0.0 Ok: queued"
            for kind in (ProofKind.DISPATCH, ProofKind.RECIPIENT_SERVER):
                self._add(
                    ReceiptProofRow(notice_id=notice.id, message_id=message.id, kind=kind, at=at)
                )
        notice.state = NoticeState.SERVED
        notice.dispatched_at = notice.served_at = at
        notice.served_proof = ProofKind.RECIPIENT_SERVER
        if not_computable(terms):
            for case in cases:
                case.state, case.holds = CaseState.HOLD, [HoldReason.TERMS_NOT_COMPUTABLE]
            return
        change = self.session.get_one(ChangeRow, cases[0].change_id)
        calendar = get_calendar(terms.counting.holiday_calendar)
        commencement_on = change.commencement_on
        window = compute_window(terms, at, calendar, commencement_on=commencement_on)
        notice.window = window_to_mapping(window)
        for case in cases:
            case.state = CaseState.OPEN
            case.opens_at, case.closes_at = window.opens_at, window.closes_at
            case.silence_after_at = window.silence_after_at

    def set_message_id(self, announced: Announced, header: str) -> None:
        """The Message-ID under which the first contact's mail left."""
        row = self.session.get_one(MessageRow, announced.message_ids[0])
        row.message_id_header = header
        self.session.commit()
