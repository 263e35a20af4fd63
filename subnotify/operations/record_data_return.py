"""Record what becomes of a client's data after its services ended: its choice, and that it is done.

The product moves no data itself; it keeps who said what, and the day.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import MoveNotAllowed, RuleError
from subnotify.rules.terms_words import DataAtEnd
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import PaperKind
from subnotify.storage.case_papers import list_papers
from subnotify.storage.cases import load_case_facts
from subnotify.storage.data_returns import lock_data_return

# What a client can choose.
CHOICES = (DataAtEnd.RETURN, DataAtEnd.DESTROY)


class ChoiceMissing(RuleError):
    message = "Under the terms the client chooses. Record its choice first: return or destruction."


class ProofMissing(RuleError):
    message = "Give the certificate of return or destruction as a scan, or write why there is none."


class DoneInFuture(RuleError):
    message = "It cannot have been done on a day to come. Check the day."


class DoneBeforeEnd(RuleError):
    message = "The services ended on %(ended_on)s. Give that day or a later one."


def choose_data_return(
    session: Session,
    case_id: int,
    choice: DataAtEnd,
    *,
    note: str,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """Record the client's choice, return or destruction; a later choice replaces it.

    note: how the client said so. Raises MoveNotAllowed (the terms leave no choice, it is done
    already, or it is none of CHOICES), ReasonMissing, NotFound.
    """
    said = written_reason(note)
    if choice not in CHOICES:
        raise MoveNotAllowed(reason="Choose return or destruction.")
    with transaction(session):
        row = lock_data_return(session, case_id)
        if row.done_at is not None:
            raise MoveNotAllowed(reason="It is recorded that this is done.")
        if row.wanted in (DataAtEnd.RETURN.value, DataAtEnd.DESTROY.value):
            raise MoveNotAllowed(reason="The terms say what becomes of the data.")
        if row.choice == choice and row.choice_note == said:
            return
        row.choice, row.choice_note = choice.value, said
        row.chosen_at, row.chosen_by = at, by
        append_evidence(
            session,
            "data_choice_recorded",
            actor=actor,
            object_type="case",
            object_id=case_id,
            content={"choice": choice.value, "note": said, "by": by},
            at=at,
        )


def record_data_returned(
    session: Session,
    case_id: int,
    done_on: date,
    *,
    note: str,
    why_no_proof: str = "",
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """Record that the client's data was returned or destroyed on `done_on`, and how.

    A certificate is kept with the case before, or why_no_proof says why there is none. The same
    form sent twice is one record. Raises ProofMissing, ChoiceMissing, DoneInFuture, DoneBeforeEnd,
    MoveNotAllowed (recorded already), ReasonMissing, NotFound.
    """
    said = written_reason(note)
    why = written_reason(why_no_proof) if why_no_proof.strip() else None
    with transaction(session):
        row = lock_data_return(session, case_id)
        if row.done_at is not None:
            if (row.done_on, row.done_note) == (done_on, said):
                return
            raise MoveNotAllowed(reason="It is recorded that this is done.")
        terms = load_case_facts(session, [case_id], at=at)[case_id].terms
        zone = zone_of(terms.counting.time_zone if terms else "UTC")
        if row.wanted == DataAtEnd.CLIENT_CHOOSES and row.choice is None:
            raise ChoiceMissing
        if done_on > at.astimezone(zone).date():
            raise DoneInFuture
        if done_on < row.ended_on:
            raise DoneBeforeEnd(ended_on=row.ended_on)
        if why is None and not _has_certificate(session, case_id):
            raise ProofMissing
        row.why_no_proof = why
        row.done_on, row.done_note, row.done_at, row.done_by = done_on, said, at, by
        append_evidence(
            session,
            "data_returned",
            actor=actor,
            object_type="case",
            object_id=case_id,
            content={
                "done_on": done_on,
                "due_on": row.due_on,
                "choice": row.choice,
                "note": said,
                "why_no_proof": why,
                "by": by,
            },
            at=at,
        )


def _has_certificate(session: Session, case_id: int) -> bool:
    return any(x.kind is PaperKind.CERTIFICATE for x in list_papers(session, case_id))
