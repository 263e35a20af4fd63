"""Tokens with which a deploy pipeline asks the commencement gate."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from subnotify.rules.errors import Problem, RuleError
from subnotify.rules.text_lengths import length_problems
from subnotify.rules.words import TokenScope

LONGEST_LABEL = 80
# A forgotten token ends by itself.
LONGEST_LIFE = timedelta(days=366)


class TokenRevoked(RuleError):
    message = "This token was revoked already."


@dataclass(frozen=True)
class ApiToken:
    """What is known of a token; the token itself is only with who uses it. expires_at: the first
    instant (UTC) at which it opens nothing any more."""

    id: int
    label: str
    scope: TokenScope
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None

    def is_valid(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at


def token_problems(label: str, last_day: date, *, today: date) -> tuple[Problem, ...]:
    """What is wrong with a wanted token. last_day: the last on which it opens the gate; both days
    are the vendor's."""
    found = [*length_problems(("label", label, LONGEST_LABEL))]
    if not label:
        found.append(
            Problem("label", "The token has no name.", "Name the machine that will use it.")
        )
    if last_day < today:
        found.append(Problem("last_day", "This day is past.", "Give today or a later day."))
    elif last_day > today + LONGEST_LIFE:
        found.append(
            Problem(
                "last_day",
                "This day is more than a year ahead.",
                "Give an earlier day; a new token can be made then.",
            )
        )
    return tuple(found)
