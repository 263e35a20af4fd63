"""The name and number of a deadline in calendars: the same wherever it appears.

A client's .ics file, the portal's feed and legal's feed name the same deadline alike, so that a
calendar that holds two of them shows it once (RFC 5545, 3.8.4.7; RFC 7986, 5.3).
"""

import re
from datetime import UTC, datetime, timedelta

_FIRST_MINUTE = datetime(2020, 1, 1, tzinfo=UTC)
_NO_PART_OF_A_NAME = re.compile(r"[^A-Za-z0-9.]+")


def deadline_uid(notice_reference: str, change_position: int, host: str) -> str:
    """Return the UID of the deadline of one change under one notice.

    In: the notice's reference, the change's position in its release, and the host of the public
    address. Never a link code: a calendar is passed on. A reference's other signs become "_", so
    that "-" separates the parts alone.
    """
    reference = _NO_PART_OF_A_NAME.sub("_", notice_reference)
    return f"deadline-{reference}-{change_position}@{host.lower()}"


def deadline_sequence(
    closes_at: datetime, *, serving_moves: int, outcomes: int, is_cancelled: bool
) -> int:
    """Return the SEQUENCE of a deadline: a calendar keeps the entry with the highest.

    It follows from what is recorded, so that reading changes nothing and the same facts have the
    same number. Windows only grow, and outcomes and what is recorded of the serving are only
    added: so does the number, also where a notice that came back is served anew with the same
    end. serving_moves: how often it was recorded that the notice is served, is not, or is sent
    anew. outcomes: rows recorded for the case, corrections included.
    """
    minutes = (closes_at - _FIRST_MINUTE) // timedelta(minutes=1)
    return 2 * (max(minutes, 0) + serving_moves + outcomes) + is_cancelled


def is_called_off(closes_at: datetime, *, runs: bool, closed_at: datetime | None) -> bool:
    """Whether the deadline holds no longer: its notice is not served any more, or the case ended
    before it. One that has passed stays in the calendar as it was."""
    return not runs or (closed_at is not None and closed_at < closes_at)


def common_uid(kind: str, change_id: int | None, when: str, host: str) -> str:
    """Return the UID of what legal's calendar tells once for many cases. when: its day or instant
    in UTC; it is another entry once it moves. change_id None: of no change."""
    change = f"-{change_id}" if change_id is not None else ""
    return f"{kind}{change}-{_NO_PART_OF_A_NAME.sub('', when)}@{host.lower()}"


def fetched_sequence(at: datetime) -> int:
    """Return the SEQUENCE of an entry that holds counts: a later fetch replaces an earlier one."""
    return max((at - _FIRST_MINUTE) // timedelta(minutes=1), 0)
