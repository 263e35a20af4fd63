"""Serve a notice anew, after an address was mended or terms became known."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.judge_countries import judge_countries
from subnotify.operations.queue_letters import queue_copies, queue_letters
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.channels import NoticeChannels, notice_channels
from subnotify.rules.errors import RuleError
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import (
    Channel,
    ContactKind,
    LetterReason,
    MessagePurpose,
    MessageState,
    NoticeState,
)
from subnotify.storage.case_locks import get_notice, lock_cases_of_notice
from subnotify.storage.concerned import contact_is_designated
from subnotify.storage.insert_once import insert_once
from subnotify.storage.ladder import has_failed_mail
from subnotify.storage.letters import cancel_unsent
from subnotify.storage.servings import lock_notices
from subnotify.storage.stored_terms import read_terms, terms_text
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    TermsVersionRow,
)
from subnotify.storage.waiting_letters import has_former_letter


class NothingToServeAnew(RuleError):
    message = "The notice is served or under way, or its cases have ended: nothing to serve anew."


class ContactWithoutAddress(RuleError):
    message = (
        "%(name)s is a designated notice contact without an email address."
        " Correct the contact first, on its client's page."
    )


class ContactWithoutPostalAddress(RuleError):
    message = (
        "%(name)s is a designated notice contact without a postal address."
        " Correct the contact first, on its client's page."
    )


class ContactWithoutAnyAddress(RuleError):
    message = (
        "%(name)s is a designated notice contact with neither an email nor a postal address."
        " Correct the contact first, on its client's page."
    )


class NoDesignatedContact(RuleError):
    message = (
        "The agreement has no designated notice contact. Name one on its page first,"
        " with the reference of the letter that names it."
    )


def serve_anew(
    session: Session,
    notice_id: int,
    *,
    note: str,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
) -> int:
    """Send the notice again to the contacts as they are now; the number of this serving.

    For a notice that is not served (refused, bounced, nobody to serve), that left without a proof
    of receipt coming (behind a relay), or that hangs because its terms cannot be computed: one
    that never opened a window is then served under the agreement's present terms. It goes by the
    channels of its terms, by letter too where they ask for one, with copies on paper as at
    release. The window runs in full from the new receipt. Links of contacts that are no longer
    designated end, and letters of the former serving that nobody printed yet are cancelled.

    zone: the vendor's, for the day on which a contact is designated.
    Raises NothingToServeAnew, NoDesignatedContact,
    ContactWithoutAddress, ContactWithoutPostalAddress, ContactWithoutAnyAddress, ReasonMissing,
    NotFound.
    """
    reason, on = written_reason(note), at.astimezone(zone).date()
    with transaction(session):
        lock_notices(session, [notice_id])
        cases = lock_cases_of_notice(session, notice_id)
        notice = get_notice(session, notice_id)
        _require_unserved(session, notice, [case.outcome for case in cases], on)
        if notice.window is None:
            notice.terms_id = _current_terms(session, notice.agreement_id)
        people = _contacts(session, notice, on)
        number = notice.serving_number + 1
        _end_former_serving(session, notice, [contact.id for contact, _ in people], at)
        notice.serving_number = number
        notice.state, notice.served_at, notice.served_proof = NoticeState.QUEUED, None, None
        notice.dispatched_at = notice.failure = None
        notice.failure_reason = None
        _queue(session, notice, people, at)
        queue_letters(session, [notice_id], LetterReason.SERVED_ANEW, on=on, at=at)
        queue_copies(session, [notice_id], on=on, at=at)
        append_evidence(
            session,
            "notice_served_anew",
            actor=actor,
            object_type="notice",
            object_id=notice_id,
            content={"serving_number": number, "reason": reason, "by": by},
            at=at,
        )
        session.flush()
        # Under other terms other countries may be allowed.
        judged = [case.id for case in cases]
        judge_countries(session, judged, today=on, actor=actor, at=at)
        apply_standings(session, judged, actor=actor, at=at)
    return number


def _require_unserved(
    session: Session, notice: NoticeRow, outcomes: list[str | None], on: date
) -> None:
    hangs = (
        notice.terms_id is None
        or session.scalars(
            select(TermsVersionRow.not_computable).where(TermsVersionRow.id == notice.terms_id)
        ).one()
    )
    unproved = notice.state == NoticeState.SERVING and notice.dispatched_at is not None
    unserved = notice.state == NoticeState.NOT_SERVED or unproved or bool(hangs)
    # A letter has taken over from mail that failed: with a better address nobody waits for it.
    # One that goes to a former contact or address need not come back first.
    unserved |= notice.state != NoticeState.SERVED and (
        has_failed_mail(session, notice.id) or has_former_letter(session, notice.id, on=on)
    )
    if not unserved or all(outcomes):
        raise NothingToServeAnew


def _contacts(session: Session, notice: NoticeRow, on: date) -> list[tuple[ContactRow, str]]:
    """The agreement's contacts on that day, each once; a designated one is not copied as well."""
    rows = session.execute(
        select(ContactRow, AgreementContactRow.kind)
        .join(AgreementContactRow, AgreementContactRow.contact_id == ContactRow.id)
        .where(
            AgreementContactRow.agreement_id == notice.agreement_id,
            contact_is_designated(on),
        )
        .order_by(ContactRow.id, AgreementContactRow.kind)
    ).all()
    people = {contact.id: (contact, kind) for contact, kind in rows}
    designated = [contact for contact, kind in people.values() if kind == ContactKind.NOTICE]
    if not designated:
        raise NoDesignatedContact
    ways = notice_channels(_terms(session, notice))
    for contact in designated:
        _require_address(contact, ways)
    return list(people.values())


def _terms(session: Session, notice: NoticeRow) -> NoticeTerms | None:
    found = session.scalars(select(terms_text()).where(TermsVersionRow.id == notice.terms_id))
    text = found.one_or_none()
    return read_terms(text) if text is not None else None


def _require_address(contact: ContactRow, ways: NoticeChannels) -> None:
    by_mail, by_post = bool(contact.email), bool(contact.postal_address.strip())
    if ways.is_by_mail and ways.postal is not None and not ways.every:
        if not by_mail and not by_post:
            raise ContactWithoutAnyAddress(name=contact.name)
        return
    if ways.is_by_mail and not by_mail:
        raise ContactWithoutAddress(name=contact.name)
    if ways.postal is not None and not by_post:
        raise ContactWithoutPostalAddress(name=contact.name)


def _end_former_serving(session: Session, notice: NoticeRow, kept: list[int], at: datetime) -> None:
    """What still waits in the outbox is not sent any more; former contacts lose their link."""
    former = (
        MessageRow.notice_id == notice.id,
        MessageRow.purpose == MessagePurpose.NOTICE,
    )
    waiting = (
        MessageState.QUEUED,
        MessageState.DEFERRED,
        MessageState.UNKNOWN,
        MessageState.PAUSED,
    )
    session.execute(
        update(MessageRow)
        .where(*former, MessageRow.channel == Channel.EMAIL, MessageRow.state.in_(waiting))
        .values(state=MessageState.CANCELLED, next_attempt_at=None)
    )
    cancel_unsent(session, *former)
    session.execute(
        update(MessageRow)
        .where(
            MessageRow.notice_id == notice.id,
            MessageRow.contact_id.not_in(kept),
            MessageRow.link_revoked_at.is_(None),
        )
        .values(link_revoked_at=at)
    )


def _current_terms(session: Session, agreement_id: int) -> int | None:
    return session.scalars(
        select(TermsVersionRow.id).where(
            TermsVersionRow.agreement_id == agreement_id, TermsVersionRow.is_current
        )
    ).one_or_none()


def _queue(
    session: Session, notice: NoticeRow, people: list[tuple[ContactRow, str]], at: datetime
) -> None:
    number = notice.serving_number
    insert_once(
        session,
        MessageRow,
        [
            {
                "logical_key": f"notice:{notice.id}:{contact.id}:email:{number}",
                "purpose": MessagePurpose.NOTICE.value,
                "channel": Channel.EMAIL.value,
                "notice_id": notice.id,
                "contact_id": contact.id,
                "contact_kind": kind,
                "serving_number": number,
                "to_address": contact.email,
                "language": notice.language,
                "state": MessageState.QUEUED.value,
                "queued_at": at,
                "next_attempt_at": at,
                "attempt_count": 0,
            }
            for contact, kind in people
            if contact.email
        ],
    )
