"""What a client's letter says, as the record and the evidence keep it: shared by its operations.

No transaction of its own: each of these runs within that of the operation that calls it.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.record_letter import append_letter
from subnotify.rules.errors import ProblemsFound, RuleError
from subnotify.rules.incoming_letters import GivenLetter, given_problems, response_kind
from subnotify.rules.letters import Letter
from subnotify.rules.objections import live_objections
from subnotify.storage.cases import load_case_facts
from subnotify.storage.incoming import running_cases_of
from subnotify.storage.incoming_letters import LetterTie, link_responses
from subnotify.storage.message_reports import lock_cases
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import CaseRow, IncomingLetterRow


class LetterNotTied(RuleError):
    message = "Nobody has said yet which notice this letter is about. Choose the notice first."


def append_answers(
    session: Session,
    row: IncomingLetterRow,
    given: GivenLetter,
    *,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
) -> tuple[int, ...]:
    """Record what a tied letter says as responses, within the caller's transaction.

    The letter counts as filed from before, so that no case waits for it. zone: the vendor's.
    Raises ProblemsFound.
    """
    if row.notice_id is None:
        raise LetterNotTied
    facts = load_case_facts(session, given.case_ids, at=at)
    terms = next((x.terms for x in facts.values()), None)
    has_objected = bool(facts) and all(live_objections(x) for x in facts.values())
    kind = response_kind(given.kind, terms, has_objected=has_objected)
    if kind is None:
        return ()
    letter = Letter(
        kind=kind,
        channel=given.channel,
        received_on=given.received_on,
        dispatched_on=given.dispatched_on,
        letter_reference=given.letter_reference,
        by_name=given.from_name,
        text=given.text,
        services=given.services,
        case_ids=given.case_ids,
        contact_id=given.contact_id,
        form_token=given.form_token,
    )
    recorded = append_letter(session, row.notice_id, letter, by=by, actor=actor, zone=zone, at=at)
    link_responses(session, row.id, recorded)
    return recorded


def lock_tied(session: Session, tie: LetterTie) -> set[int]:
    """Lock the notice and the cases that a letter with this tie is about, or holds; its clients."""
    clients = {tie.client_id} if tie.client_id is not None else set[int]()
    notices = [tie.notice_id] if tie.notice_id is not None else list[int]()
    lock_notices(session, notices)
    lock_cases(session, CaseRow.notice_id.in_(notices), running_cases_of(clients))
    return clients


def letter_content(row: IncomingLetterRow) -> dict[str, object]:
    """A letter as evidence tells it."""
    return {
        "kind": row.kind,
        "channel": row.channel,
        "received_on": row.received_on,
        "dispatched_on": row.dispatched_on,
        "letter_reference": row.letter_reference,
        "quoted_reference": row.quoted_reference,
        "from_name": row.from_name,
        "text": row.text,
        "notice": row.notice_id,
        "client": row.client_id,
    }


def letter_values(given: GivenLetter) -> dict[str, object]:
    """The columns that say what a person reads in a letter."""
    return {
        "kind": given.kind.value,
        "channel": given.channel.value,
        "received_on": given.received_on,
        "dispatched_on": given.dispatched_on,
        "letter_reference": given.letter_reference.strip(),
        "quoted_reference": given.quoted_reference.strip(),
        "from_name": given.from_name.strip(),
        "text": given.text.strip(),
    }


def require_sound(given: GivenLetter, *, zone: ZoneInfo, at: datetime) -> None:
    """zone: the vendor's. Raises ProblemsFound."""
    problems = given_problems(given, today=at.astimezone(zone).date())
    if problems:
        raise ProblemsFound(problems)
