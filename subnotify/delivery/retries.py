"""When a mail that was put off is tried again."""

import hashlib
from datetime import timedelta

GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321, 4.5.4.1: at least 4 to 5 days
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
LONGEST_SERVER_PAUSE = timedelta(minutes=10)
LONGEST_SENDER_PAUSE = timedelta(hours=1)
_JITTER = 0.2


def pause_after(
    attempt_number: int,
    key: str,
    *,
    concerns_server: bool = False,
    concerns_sender: bool = False,
) -> timedelta:
    """How long to wait after the attempt `attempt_number` (from 1) of the message named `key`.

    It doubles from one minute to four hours, up to a fifth more or less, so that what was put
    off together does not come back together. The spread is drawn from the key: the same attempt
    always waits as long. Where our own server failed the pause stays within ten minutes, because
    then nothing annoys the recipient's server and the queue should move soon after the repair;
    where it refuses us as the sender within an hour, because it does answer.
    """
    longest = LONGEST_SENDER_PAUSE if concerns_sender else LONGEST_PAUSE
    longest = LONGEST_SERVER_PAUSE if concerns_server else longest
    doubled = FIRST_PAUSE * (1 << min(max(attempt_number, 1) - 1, 20))
    drawn = hashlib.sha256(f"{key}#{attempt_number}".encode()).digest()
    spread = int.from_bytes(drawn[:4], "big") / 2**32  # 0 <= spread < 1
    return min(doubled, longest) * (1 - _JITTER + 2 * _JITTER * spread)
