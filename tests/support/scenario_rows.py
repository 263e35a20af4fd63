"""Single rows for scenarios: clients with agreements and contacts, releases with changes."""

from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.rules.channels import notice_channels
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.words import ChangeKind, ChangeState, ContactKind, ReleaseState
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    Base,
    ChangeRow,
    ChangeServiceRow,
    ClientRow,
    ContactRow,
    ListEntryRow,
    ReleaseRow,
    ServiceRow,
    SubprocessorRow,
    TermsVersionRow,
)
from tests.support.scenario_facts import MIRADOR, ORAGE, VIEUX_PORT

Row = TypeVar("Row", bound=Base)


class ScenarioRows:
    """Adds rows to a session; commits nothing."""

    session: Session
    services: dict[str, ServiceRow]

    def add_agreement(
        self, number: int, terms: NoticeTerms, language: str, at: datetime
    ) -> AgreementRow:
        """A new client with one agreement for both services."""
        name = f"Brasserie du Lac {number}" if language == "fr" else f"Northwind Mills {number} Ltd"
        client = self._add(
            ClientRow(key=f"client-{number}", name=name, country="FR", created_at=at)
        )
        agreement = self._add(
            AgreementRow(
                key=f"agreement-{number}",
                client_id=client.id,
                reference=f"DPA-2024-{number:03d}",
                language=language,
                signed_on=date(2024, 1, 15),
            )
        )
        mapping = terms_to_mapping(terms)
        self._add(
            TermsVersionRow(
                agreement_id=agreement.id,
                number=1,
                terms=mapping,
                digest=plain_digest(mapping),
                not_computable=not_computable(terms),
                requires_agreement_dates=terms.requires_agreement_dates,
                notice_channels=str(notice_channels(terms)),
                recorded_at=at,
                recorded_by="scenario",
            )
        )
        for service in self.services.values():
            self._add(AgreementServiceRow(agreement_id=agreement.id, service_id=service.id))
        return agreement

    def add_contact(
        self, number: int, agreement: AgreementRow, place: int, is_notice: bool
    ) -> ContactRow:
        person = self._add(
            ContactRow(
                key=f"contact-{number}-{place}",
                client_id=agreement.client_id,
                name=("Camille Perrin", "Jonas Wirth", "Ada Lind")[place % 3],
                role_title="DPO",
                email=f"dpo{place}@client{number}.example",
                postal_address="1 rue du Port, 74000 Annecy, France",
            )
        )
        kind = ContactKind.NOTICE if is_notice else ContactKind.COPY
        self._add(AgreementContactRow(agreement_id=agreement.id, contact_id=person.id, kind=kind))
        return person

    def add_release(self, number: int, commencement_on: date, at: datetime) -> ReleaseRow:
        return self._add(
            ReleaseRow(
                number=f"{at.year}-{number:03d}",
                state=ReleaseState.RELEASED,
                reason={
                    "en": "Errors are found and mended sooner.",
                    "fr": "Les erreurs sont trouvées et corrigées plus tôt.",
                },
                paragraph={},
                commencement_on=commencement_on,
                drafted_by="publisher",
                drafted_at=at,
                released_by="publisher",
                released_at=at,
            )
        )

    def add_addition(
        self, release: ReleaseRow, number: int, commencement_on: date, at: datetime
    ) -> ChangeRow:
        return self._add_change(release, number, 1, MIRADOR, None, commencement_on, at)

    def add_replacement(
        self, release: ReleaseRow, number: int, commencement_on: date, at: datetime
    ) -> ChangeRow:
        """Orage replaces Vieux Port, which is on the list since 2021."""
        old = self._add(SubprocessorRow(key=f"vieux-port-{number}"))
        self._add(
            ListEntryRow(
                subprocessor_id=old.id,
                facts=facts_to_mapping(VIEUX_PORT),
                in_force_from_on=date(2021, 2, 1),
                published_at=at - timedelta(days=30),
            )
        )
        return self._add_change(release, number, 2, ORAGE, old.id, commencement_on, at)

    def _add_change(
        self,
        release: ReleaseRow,
        number: int,
        position: int,
        facts: SubprocessorFacts,
        replaced_id: int | None,
        commencement_on: date,
        at: datetime,
    ) -> ChangeRow:
        subprocessor = self._add(SubprocessorRow(key=f"subprocessor-{number}-{position}"))
        change = self._add(
            ChangeRow(
                release_id=release.id,
                position=position,
                kind=ChangeKind.REPLACEMENT if replaced_id else ChangeKind.ADDITION,
                state=ChangeState.RELEASED,
                subprocessor_id=subprocessor.id,
                replaced_id=replaced_id,
                facts=facts_to_mapping(facts),
                commencement_on=commencement_on,
                drafted_by="publisher",
                drafted_at=at,
            )
        )
        for key in facts.services:
            self._add(ChangeServiceRow(change_id=change.id, service_id=self.services[key].id))
        return change

    def _add(self, row: Row) -> Row:
        self.session.add(row)
        self.session.flush()
        return row
