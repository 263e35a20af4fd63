"""Letters that came back and that the clause holds to be received all the same."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.deliveries import Delivery, list_deemed
from subnotify.rules.letter_events import CAME_BACK
from subnotify.rules.words import Channel, ContactKind, MessagePurpose, NoticeState
from subnotify.storage.letter_servings import load_letter_facts, on_paper
from subnotify.storage.stored_terms import read_terms, terms_text
from subnotify.storage.tables import LetterRow, MessageRow, NoticeRow, TermsVersionRow


def list_deemed_letters(session: Session, message_ids: Collection[int]) -> dict[int, str]:
    """The clause ("" where none is on record) by letter, of those of these letters by which their
    notice counts as given although they came back or nobody collected them."""
    rows = session.execute(
        select(MessageRow.id, MessageRow.channel, MessageRow.handed_over_at, terms_text())
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(
            MessageRow.id.in_(message_ids),
            LetterRow.state.in_([kind.value for kind in CAME_BACK]),
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            MessageRow.serving_number == NoticeRow.serving_number,
            NoticeRow.state == NoticeState.SERVED.value,
        )
    ).all()
    facts = load_letter_facts(session, [row.id for row in rows])
    found = {}
    for row in rows:
        terms = read_terms(row.terms)
        letter = on_paper(Delivery(row.handed_over_at), Channel(row.channel), facts.get(row.id))
        if list_deemed(terms, [letter]):
            found[row.id] = terms.provenance.clause
    return found
