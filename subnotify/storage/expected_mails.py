"""The mails that a release would make, as it would write them: to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import ContactKind
from subnotify.storage.concerned import agreements_buying, concerned
from subnotify.storage.notice_ways import has_email
from subnotify.storage.release_messages import contacts_now
from subnotify.storage.tables import AgreementContactRow, AgreementRow, ClientRow, ContactRow


@dataclass(frozen=True)
class ExpectedMail:
    """One mail to one contact. terms_id: None where the agreement has no terms on record."""

    agreement_id: int
    agreement_reference: str
    client_name: str
    terms_id: int | None
    contact_name: str
    address: str
    kind: ContactKind
    clause: str


def list_expected_mails(
    session: Session, change_ids: Sequence[int], on: date, *, after: int, limit: int
) -> tuple[tuple[ExpectedMail, ...], int | None]:
    """The mails of the next `limit` agreements whose ids are greater than `after`, and the last of
    these ids; None where there is no further agreement."""
    if not change_ids:
        return (), None
    ids = session.scalars(
        select(AgreementRow.id)
        .where(AgreementRow.id.in_(agreements_buying(change_ids, on)), AgreementRow.id > after)
        .order_by(AgreementRow.id)
        .limit(limit)
    ).all()
    if not ids:
        return (), None
    found, people = concerned(change_ids, on, only=ids), contacts_now(on)
    named = and_(
        AgreementContactRow.agreement_id == people.c.agreement_id,
        AgreementContactRow.contact_id == people.c.contact_id,
        AgreementContactRow.kind == people.c.kind,
    )
    rows = session.execute(
        select(
            found.c.id,
            found.c.reference,
            ClientRow.name,
            found.c.terms_id,
            ContactRow.name,
            ContactRow.email,
            people.c.kind,
            AgreementContactRow.clause,
            ContactRow.id,
        )
        .join(ClientRow, ClientRow.id == found.c.client_id)
        .join(people, people.c.agreement_id == found.c.id)
        .join(ContactRow, ContactRow.id == people.c.contact_id)
        .join(AgreementContactRow, named)
        .where(has_email())
        .order_by(found.c.id, ContactRow.id)
    )
    mails: dict[tuple[int, int], ExpectedMail] = {}
    for row in rows:
        # Somebody named twice in one agreement gets one mail.
        one = ExpectedMail(
            row[0], row[1], row[2], row[3], row[4], row[5], ContactKind(row[6]), row[7]
        )
        mails.setdefault((one.agreement_id, row[8]), one)
    return tuple(mails.values()), ids[-1]
