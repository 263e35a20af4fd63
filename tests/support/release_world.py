"""Rows for tests of releases: a vendor with services, agreements of every kind, draft changes.

    world = ReleaseWorld(session, at=at)
    agreement = world.add_agreement(services=("mail",))
    change = world.add_change("orage", services=("mail",))
    release = world.draft([change])
    world.approve(release); world.release(release)

Rows are inserted, releases are made by the operations.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.operations.approve_release import approve_release
from subnotify.operations.draft_release import draft_release
from subnotify.operations.release_changes import Released, release_changes
from subnotify.rules.channels import notice_channels
from subnotify.rules.releases import ReleaseTexts
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.texts import local_text
from subnotify.rules.vendor import vendor_to_mapping
from subnotify.rules.words import ChangeKind, ChangeState, ContactKind, Role
from subnotify.storage.operators import Operator
from subnotify.storage.releases import get_release
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    ChangeRow,
    ChangeServiceRow,
    ClientRow,
    ContactRow,
    ListEntryRow,
    ServiceRow,
    SubprocessorRow,
    TermsVersionRow,
    VendorRow,
)
from tests.support.scenario import FIFTEEN, REGISTERED, terms_of
from tests.support.scenario_facts import ORAGE, VENDOR

PARIS = ZoneInfo("Europe/Paris")
PUBLISHER = Operator(1, "ines", "ines@hexapode.example", frozenset({Role.PUBLISHER}), True)
LEGAL = Operator(2, "marc", "marc@hexapode.example", frozenset({Role.LEGAL}), True)
BOTH = Operator(3, "zoe", "zoe@hexapode.example", frozenset({Role.LEGAL, Role.PUBLISHER}), True)
SERVICES = ("mail", "monitoring", "helpdesk")

__all__ = [
    "BOTH",
    "FIFTEEN",
    "LEGAL",
    "PARIS",
    "PUBLISHER",
    "REGISTERED",
    "Person",
    "ReleaseWorld",
]


@dataclass(frozen=True)
class Person:
    """A contact of an agreement; address: of its mailbox, postal: where letters go."""

    kind: ContactKind = ContactKind.NOTICE
    address: str | None = "dpo@client.example"
    ended_on: date | None = None
    postal: str = ""


class ReleaseWorld:
    def __init__(self, session: Session, *, at: datetime) -> None:
        self.session = session
        self.at = at
        self._number = itertools.count(1)
        session.add(
            VendorRow(
                id=1, profile=vendor_to_mapping(VENDOR), first_published_at=at, list_changed_at=at
            )
        )
        self.services = {key: ServiceRow(key=key, name=key.title()) for key in SERVICES}
        session.add_all(self.services.values())
        session.commit()

    def add_agreement(
        self,
        *,
        services: Sequence[str] = ("mail",),
        until_on: date | None = None,
        terms: NoticeTerms | str | None = FIFTEEN,
        language: str = "en",
        people: Sequence[Person] = (Person(),),
        ended_on: date | None = None,
    ) -> int:
        """An agreement of a new client; its id."""
        number = next(self._number)
        client = ClientRow(
            key=f"c{number}", name=f"Client {number:03d}", country="FR", created_at=self.at
        )
        self.session.add(client)
        self.session.flush()
        agreement = AgreementRow(
            key=f"a{number}",
            client_id=client.id,
            reference=f"DPA-{number}",
            language=language,
            ended_on=ended_on,
        )
        self.session.add(agreement)
        self.session.flush()
        for key in services:
            bought = AgreementServiceRow(
                agreement_id=agreement.id, service_id=self.services[key].id, until_on=until_on
            )
            self.session.add(bought)
        if terms is not None:
            self._add_terms(agreement.id, terms_of(terms) if isinstance(terms, str) else terms)
        for place, person in enumerate(people):
            self._add_person(client.id, agreement.id, place, person)
        self.session.commit()
        return agreement.id

    def _add_terms(self, agreement_id: int, terms: NoticeTerms) -> None:
        mapping = terms_to_mapping(terms)
        version = TermsVersionRow(
            agreement_id=agreement_id,
            number=1,
            terms=mapping,
            digest=plain_digest({k: v for k, v in mapping.items() if k != "provenance"}),
            not_computable=not_computable(terms),
            requires_agreement_dates=terms.requires_agreement_dates,
            notice_channels=str(notice_channels(terms)),
            recorded_at=self.at,
            recorded_by="test",
        )
        self.session.add(version)

    def _add_person(self, client_id: int, agreement_id: int, place: int, person: Person) -> None:
        contact = ContactRow(
            key=f"p{place}",
            client_id=client_id,
            name=f"Person {place}",
            email=person.address,
            postal_address=person.postal,
        )
        self.session.add(contact)
        self.session.flush()
        row = AgreementContactRow(
            agreement_id=agreement_id,
            contact_id=contact.id,
            kind=person.kind.value,
            ended_on=person.ended_on,
        )
        self.session.add(row)

    def add_change(
        self,
        key: str = "orage",
        *,
        services: Iterable[str] = ("mail",),
        facts: SubprocessorFacts = ORAGE,
        replaces: str | None = None,
    ) -> int:
        """A draft change; its id. replaces: the key of an entry that is put on the list."""
        subprocessor = SubprocessorRow(
            key=key, draft_facts=facts_to_mapping(replace(facts, services=tuple(services)))
        )
        self.session.add(subprocessor)
        replaced = self.add_listed(replaces, services=services) if replaces else None
        self.session.flush()
        change = ChangeRow(
            kind=(ChangeKind.REPLACEMENT if replaced else ChangeKind.ADDITION).value,
            state=ChangeState.DRAFT.value,
            subprocessor_id=subprocessor.id,
            replaced_id=replaced,
            drafted_by="ines",
            drafted_at=self.at,
        )
        self.session.add(change)
        self.session.flush()
        for service in services:
            self.session.add(
                ChangeServiceRow(change_id=change.id, service_id=self.services[service].id)
            )
        self.session.commit()
        return change.id

    def add_listed(self, key: str, *, services: Iterable[str] = ORAGE.services) -> int:
        """Orage's facts under this key, on the list since 2021; its subprocessor's id."""
        subprocessor = SubprocessorRow(key=key)
        self.session.add(subprocessor)
        self.session.flush()
        entry = ListEntryRow(
            subprocessor_id=subprocessor.id,
            facts=facts_to_mapping(replace(ORAGE, services=tuple(services))),
            in_force_from_on=date(2021, 1, 1),
            published_at=self.at,
        )
        self.session.add(entry)
        return subprocessor.id

    def texts(self, **changed: object) -> ReleaseTexts:
        texts = ReleaseTexts(
            reason=local_text({"en": "More room.", "fr": "Plus de place."}),
            paragraph=local_text({}),
            commencement_on=(self.at + timedelta(days=60)).date(),
        )
        return replace(texts, **changed)

    def draft(self, change_ids: Sequence[int], **changed: object) -> int:
        return draft_release(
            self.session,
            change_ids=change_ids,
            texts=self.texts(**changed),
            by=PUBLISHER,
            at=self.at,
        )

    def approve(
        self,
        release_id: int,
        *,
        confirmed: Iterable[int] = (),
        late: Iterable[int] = (),
        by: Operator = LEGAL,
    ) -> None:
        approve_release(
            self.session,
            release_id,
            revision=get_release(self.session, release_id).revision,
            confirmed_unservable=confirmed,
            confirmed_late=late,
            by=by,
            zone=PARIS,
            at=self.at,
        )

    def release(self, release_id: int, *, by: Operator = PUBLISHER, **given: object) -> Released:
        return release_changes(
            self.session,
            release_id,
            revision=get_release(self.session, release_id).revision,
            by=by,
            zone=PARIS,
            at=self.at,
            **given,
        )
