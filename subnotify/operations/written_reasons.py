"""The reason that a person writes for a decision: it stays on record, so it must say something."""

from subnotify.rules.errors import RuleError

LONGEST_REASON = 2_000


class ReasonMissing(RuleError):
    message = "Write the reason: it stays on record with the decision."


class ReasonTooLong(RuleError):
    message = "The reason is too long. Shorten it to %(longest)s characters at most."


def written_reason(text: str) -> str:
    """The reason without white space around it. Raises ReasonMissing, ReasonTooLong."""
    reason = text.strip()
    if not reason:
        raise ReasonMissing
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong(longest=LONGEST_REASON)
    return reason
