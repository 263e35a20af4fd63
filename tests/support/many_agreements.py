"""Thousands of agreements at once, by bulk inserts: for measures and for tests of scale."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.rules.channels import notice_channels
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.words import ContactKind
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    ClientRow,
    ContactRow,
    TermsVersionRow,
)


def add_many_agreements(
    session: Session,
    number: int,
    *,
    service_id: int,
    terms: tuple[NoticeTerms, ...],
    copies: int = 1,
    at: datetime,
) -> None:
    """`number` agreements that buy one service, each with a notice contact and `copies` copy
    contacts, who can be reached by mail and by post; terms and languages in turn. The tables must
    hold no clients yet."""
    ids = range(1, number + 1)
    read = [(terms_to_mapping(each), not_computable(each), each) for each in terms]
    session.execute(
        insert(ClientRow),
        [
            {"id": n, "key": f"c{n}", "name": f"Client {n:06d}", "country": "FR", "created_at": at}
            for n in ids
        ],
    )
    session.execute(
        insert(AgreementRow),
        [
            {
                "id": n,
                "key": f"a{n}",
                "client_id": n,
                "reference": f"DPA-{n:06d}",
                "language": "fr" if n % 2 else "en",
            }
            for n in ids
        ],
    )
    session.execute(
        insert(AgreementServiceRow),
        [{"agreement_id": n, "service_id": service_id} for n in ids],
    )
    session.execute(
        insert(TermsVersionRow),
        [
            {
                "agreement_id": n,
                "number": 1,
                "is_current": True,
                "terms": read[n % len(read)][0],
                "digest": plain_digest(read[n % len(read)][0]),
                "not_computable": read[n % len(read)][1],
                "notice_channels": str(notice_channels(read[n % len(read)][2])),
                "requires_agreement_dates": read[n % len(read)][2].requires_agreement_dates,
                "recorded_at": at,
                "recorded_by": "test",
            }
            for n in ids
        ],
    )
    places = range(1 + copies)
    people = [(n, place, (n - 1) * (1 + copies) + place + 1) for n in ids for place in places]
    session.execute(
        insert(ContactRow),
        [
            {
                "id": contact,
                "key": f"p{place}",
                "client_id": n,
                "name": f"Person {place}",
                "email": f"dpo{place}@client{n}.example",
                "postal_address": f"Service juridique\n{n} rue de la République\n69002 Lyon",
            }
            for n, place, contact in people
        ],
    )
    session.execute(
        insert(AgreementContactRow),
        [
            {
                "agreement_id": n,
                "contact_id": contact,
                "kind": (ContactKind.COPY if place else ContactKind.NOTICE).value,
            }
            for n, place, contact in people
        ],
    )
    session.commit()
