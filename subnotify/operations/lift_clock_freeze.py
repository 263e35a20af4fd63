"""A person says that the clock is right (again): what time concludes goes on."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import MoveNotAllowed
from subnotify.storage.mail_readings import forget_future_readings
from subnotify.storage.outbox_sweep import make_future_mail_due
from subnotify.storage.service_watch import forget_future, lift_freezes, lock_freezes


def lift_clock_freeze(
    session: Session, *, note: str, by: str, actor: str, at: datetime
) -> list[int]:
    """Lift every open freeze, with the reason on record; their ids.

    The clock that gives `at` is the right one from now on: whatever a clock that ran ahead wrote
    of probes, outages and jobs in times yet to come is taken back to `at`, mail that waits for
    such a time is due at once, and a mailbox that counts as read until then counts as not read. A
    clock that still differs from the database's is frozen again by the next look.

    Raises ReasonMissing, ReasonTooLong; MoveNotAllowed where no freeze is open.
    """
    why = written_reason(note)
    with transaction(session):
        lock_freezes(session)
        lifted = lift_freezes(session, by=by, note=why, at=at)
        if not lifted:
            raise MoveNotAllowed(reason="The clock is not in doubt (any more).")
        forget_future(session, at=at)
        forget_future_readings(session, at=at)
        make_future_mail_due(session, at=at)
        content = {"note": why, "by": by}
        append_evidence_many(
            session,
            [NewEvidence("clock_freeze_lifted", "clock_freeze", x, content) for x in lifted],
            actor=actor,
            at=at,
        )
    return lifted
