"""Cancels mails about notices of which nothing stands any more, with evidence of each.

To send them would tell a client of a change that was withdrawn, after the mail that says so. A
mail whose result is unknown is cancelled too, though it may have reached the client: it was only
to be repeated so that the client surely gets what no longer holds. Nothing is claimed by that. The
attempt stays on record as unknown, the reason says that the mail may have arrived, its client is
told that the change was withdrawn, and a report that a server has it makes it handed over
(storage/message_reports.py). A mail under way ends as it ends; what has to be tried again after
that is cancelled when it is claimed (operations/overtaken_mails.py).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.rules.errors import N_
from subnotify.rules.words import Outcome
from subnotify.storage.overtaken_mails import OvertakenMail, mark_cancelled

CHANGE_WITHDRAWN = N_("The change was withdrawn before this mail had left: it is not sent.")
AGREEMENT_ENDED = N_("The agreement ended before this mail had left: it is not sent.")
WITHDRAWN_IN_DOUBT = N_(
    "The change was withdrawn. This mail may have reached the client at an earlier attempt, and is"
    " not repeated."
)
ENDED_IN_DOUBT = N_(
    "The agreement ended. This mail may have reached the client at an earlier attempt, and is not"
    " repeated."
)


def cancel_overtaken(
    session: Session, mails: Sequence[OvertakenMail], *, actor: str, at: datetime
) -> None:
    """Cancel these mails, which the caller has locked or claimed, within its transaction."""
    reasons: dict[str, list[int]] = defaultdict(list)
    for mail in mails:
        reasons[_reason(mail)].append(mail.id)
    mark_cancelled(session, reasons)
    append_evidence_many(
        session,
        [
            NewEvidence(
                "message_cancelled",
                "message",
                mail.id,
                {
                    "logical_key": mail.logical_key,
                    "purpose": mail.purpose,
                    "was": mail.state,
                    "reply": mail.reply,
                    "reason": _reason(mail),
                    "may_have_arrived": mail.may_have_arrived,
                },
            )
            for mail in mails
        ],
        actor=actor,
        at=at,
    )


def _reason(mail: OvertakenMail) -> str:
    if mail.outcome is Outcome.CHANGE_WITHDRAWN:
        return WITHDRAWN_IN_DOUBT if mail.may_have_arrived else CHANGE_WITHDRAWN
    return ENDED_IN_DOUBT if mail.may_have_arrived else AGREEMENT_ENDED
