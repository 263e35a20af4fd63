"""Record what a client said by letter, by reply or in person, with both of its dates."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.queue_messages import queue_receipts
from subnotify.operations.record_proof import record_proofs
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.case_facts import CaseFacts, ResponseFact
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.letters import Letter, letter_problems
from subnotify.rules.objections import timeliness_of
from subnotify.rules.responses import ABOUT_CASES, CODE_ALPHABET, Receipt, receipt_content
from subnotify.rules.time_limits import first_instant_of_day, last_instant_of_day, zone_of
from subnotify.rules.words import (
    Channel,
    ContactKind,
    MessagePurpose,
    ProofKind,
    ResponseKind,
    ResponseState,
    Timeliness,
)
from subnotify.storage.case_locks import get_notice, lock_cases_of_notice
from subnotify.storage.cases import load_case_facts
from subnotify.storage.responses import find_by_form_tokens, is_reference_used
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import CaseRow, ChangeRow, MessageRow, NoticeRow, ResponseRow


def record_letter(
    session: Session,
    notice_id: int,
    letter: Letter,
    *,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
) -> tuple[int, ...]:
    """Record a letter about a notice; the ids of its responses, one for each change.

    It counts as received from the first instant of its day, the reading that favours the client;
    what it acknowledges, from the last one. zone: the vendor's. A receipt is queued to the
    contacts. Raises ProblemsFound, NotFound.
    """
    with transaction(session):
        return append_letter(session, notice_id, letter, by=by, actor=actor, zone=zone, at=at)


def append_letter(
    session: Session,
    notice_id: int,
    letter: Letter,
    *,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
) -> tuple[int, ...]:
    """The same within the caller's transaction: a letter is filed together with its scan."""
    if not lock_notices(session, [notice_id]):
        raise NotFound
    cases = {case.id: case for case in lock_cases_of_notice(session, notice_id)}
    facts = load_case_facts(session, cases, at=at)
    terms = next((f.terms for f in facts.values()), None)
    zones = (zone, zone_of(terms.counting.time_zone)) if terms else (zone,)
    messages = _notice_messages(session, notice_id)
    _require_sound(session, notice_id, letter, cases, messages, zones, at)
    concerned: Sequence[int | None] = (
        sorted(letter.case_ids) if letter.kind in ABOUT_CASES else [None]
    )
    already = _already_recorded(session, letter, concerned)
    if already:
        return already
    rows = [
        _append(session, notice_id, letter, case_id, facts, zones, by=by) for case_id in concerned
    ]
    for row in rows:
        _append_recorded(session, row, actor, at)
    if letter.kind is ResponseKind.ACKNOWLEDGEMENT and letter.contact_id is not None:
        proved = {messages[letter.contact_id]: notice_id}
        received_at = min(last_instant_of_day(letter.received_on, *zones), at)
        _prove_receipt(session, proved, received_at, actor, at)
    else:
        for row in rows:
            queue_receipts(session, row.id, at=at)
    apply_standings(session, cases, actor=actor, at=at)
    return tuple(row.id for row in rows)


def _require_sound(
    session: Session,
    notice_id: int,
    letter: Letter,
    case_ids: Collection[int],
    contact_ids: Collection[int],
    zones: Sequence[ZoneInfo],
    at: datetime,
) -> None:
    """zones: the vendor's first."""
    released_at = get_notice(session, notice_id).created_at
    problems = letter_problems(
        letter,
        case_ids,
        contact_ids=contact_ids,
        released_on=min(released_at.astimezone(one).date() for one in zones),
        today=at.astimezone(zones[0]).date(),
    )
    if problems:
        raise ProblemsFound(problems)


def _prove_receipt(
    session: Session, proved: Mapping[int, int], received_at: datetime, actor: str, at: datetime
) -> None:
    """The contact who acknowledges received the notice, at the latest on that day."""
    record_proofs(session, proved, ProofKind.ACKNOWLEDGEMENT, at=received_at)
    serve_notices(session, proved.values(), actor=actor, at=at)


def _timeliness(letter: Letter, facts: CaseFacts, zones: Sequence[ZoneInfo]) -> Timeliness | None:
    """Of an objection only: nothing else has to come in time."""
    if letter.kind is not ResponseKind.OBJECTION:
        return None
    received_at = first_instant_of_day(letter.received_on, *zones)
    said = ResponseFact(0, letter.kind, received_at, letter.channel, letter.dispatched_on)
    return timeliness_of(facts, said)


def _form_token(letter: Letter, case_id: int | None) -> str | None:
    """One token for each response of the form; without a form there is none."""
    if not letter.form_token:
        return None
    return plain_digest(["letter", letter.form_token, case_id])


def _already_recorded(
    session: Session, letter: Letter, concerned: Sequence[int | None]
) -> tuple[int, ...]:
    tokens = [token for case_id in concerned if (token := _form_token(letter, case_id))]
    return tuple(sorted(find_by_form_tokens(session, tokens).values())) if tokens else ()


def _append(
    session: Session,
    notice_id: int,
    letter: Letter,
    case_id: int | None,
    facts: Mapping[int, CaseFacts],
    zones: Sequence[ZoneInfo],
    *,
    by: str,
) -> ResponseRow:
    receipt = _receipt(session, notice_id, letter, case_id, zones)
    timeliness = _timeliness(letter, facts[case_id], zones) if case_id is not None else None
    row = ResponseRow(
        reference=receipt.reference,
        notice_id=notice_id,
        case_id=case_id,
        kind=letter.kind.value,
        channel=letter.channel.value,
        state=ResponseState.EFFECTIVE.value,
        received_at=receipt.received_at,
        dispatched_on=letter.dispatched_on,
        timeliness=timeliness.value if timeliness else None,
        contact_id=letter.contact_id,
        by_name=receipt.by_name,
        by_role="",
        text=receipt.text,
        services=list(receipt.services),
        letter_reference=letter.letter_reference.strip(),
        recorded_by=by,
        form_token=_form_token(letter, case_id),
        digest=plain_digest(receipt_content(receipt)),
    )
    session.add(row)
    session.flush()
    return row


def _receipt(
    session: Session,
    notice_id: int,
    letter: Letter,
    case_id: int | None,
    zones: Sequence[ZoneInfo],
) -> Receipt:
    reference = select(NoticeRow.reference).where(NoticeRow.id == notice_id)
    position = (
        select(ChangeRow.position)
        .join(CaseRow, CaseRow.change_id == ChangeRow.id)
        .where(CaseRow.id == case_id)
    )
    return Receipt(
        reference=new_reference(session, notice_id),
        notice_reference=session.scalars(reference).one(),
        change_position=session.scalar(position),
        kind=letter.kind,
        channel=letter.channel,
        received_at=first_instant_of_day(letter.received_on, *zones),
        by_name=letter.by_name.strip(),
        by_role="",
        text=letter.text.strip(),
        services=tuple(sorted(letter.services)),
    )


def new_reference(session: Session, notice_id: int) -> str:
    """Short enough to quote on the phone, with a part that nobody guesses."""
    while True:
        tail = "".join(secrets.choice(CODE_ALPHABET) for _ in range(4))
        reference = f"R-{notice_id:06d}-{tail}"
        if not is_reference_used(session, reference):
            return reference


def _append_recorded(session: Session, row: ResponseRow, actor: str, at: datetime) -> None:
    append_evidence(
        session,
        "letter_recorded",
        actor=actor,
        object_type="response",
        object_id=row.id,
        content={
            "reference": row.reference,
            "kind": row.kind,
            "channel": row.channel,
            "received_at": row.received_at,
            "dispatched_on": row.dispatched_on,
            "timeliness": row.timeliness,
            "letter_reference": row.letter_reference,
            "by_name": row.by_name,
            "text": row.text,
            "services": row.services,
            "digest": row.digest,
            "recorded_by": row.recorded_by,
        },
        at=at,
    )


def _notice_messages(session: Session, notice_id: int) -> dict[int, int]:
    """The message of the present serving for each designated notice contact, by contact."""
    rows = session.execute(
        select(MessageRow.contact_id, MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            MessageRow.notice_id == notice_id,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            MessageRow.serving_number == NoticeRow.serving_number,
        )
        # The last one of a contact counts: one that has left, and rather its letter than a mail.
        .order_by(
            MessageRow.handed_over_at.is_not(None),
            MessageRow.channel != Channel.EMAIL.value,
            MessageRow.id,
        )
    )
    return {row.contact_id: row.id for row in rows if row.contact_id is not None}
