"""Read receipts (RFC 8098) and complaints (RFC 5965): reports, but none of delivery."""

from subnotify.delivery.auto_replies import SAYS_ANSWER, Automatic
from subnotify.delivery.mail_words import says_answer
from subnotify.delivery.mime_headers import read_headers
from subnotify.delivery.mime_parts import Part

_RECEIPT_PARTS = frozenset(
    {"message/disposition-notification", "message/global-disposition-notification"}
)
_LONGEST = 64 * 1024
_SEEN = frozenset({"displayed", "processed", "dispatched"})


def find_disposition(mail: Part, text: str) -> Automatic | None:
    """The read receipt that a mail is, or None: never a proof, and never an answer.

    One by which a program deleted or refused our mail needs a person; so does one whose words
    (`text`) speak of an objection.
    """
    found = _find(mail)
    if found is not None and says_answer(text):
        return Automatic(True, found.reason, found.for_person or SAYS_ANSWER)
    return found


def _find(mail: Part) -> Automatic | None:
    declared = mail.parameters.get("report-type", "").casefold() == "disposition-notification"
    part = next((one for one in mail.walk() if one.content_type in _RECEIPT_PARTS), None)
    if part is None or (not declared and mail.content_type != "multipart/report"):
        return Automatic(True, "a read receipt (RFC 8098)") if declared else None
    octets = part.body(_LONGEST)
    said = read_headers(octets, 0, len(octets), len(octets))[0].first("disposition").casefold()
    mode, _, rest = said.partition(";")
    kind = rest.strip().partition("/")[0].strip() or "unknown"
    reason = f"a read receipt (RFC 8098): {kind[:40]}"
    if kind in _SEEN or "manual-action" in mode:
        return Automatic(True, reason)
    return Automatic(True, reason, "a program deleted or refused our mail unread")


def is_complaint(mail: Part) -> bool:
    """Is a mail a feedback report, by which somebody calls our mail spam?"""
    if mail.parameters.get("report-type", "").casefold() == "feedback-report":
        return True
    return any(one.content_type == "message/feedback-report" for one in mail.walk())
