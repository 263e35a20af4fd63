"""The name of a deadline in calendars: one, wherever it appears.

A client's .ics file, the portal's feed and legal's feed name the same deadline alike, so that a
calendar that holds two of them shows it once (RFC 5545, 3.8.4.7; RFC 7986, 5.3).
"""

import re

_NO_PART_OF_A_NAME = re.compile(r"[^A-Za-z0-9.]+")


def deadline_uid(notice_reference: str, change_position: int, host: str) -> str:
    """Return the UID of the deadline of one change under one notice.

    In: the notice's reference, the change's position in its release, and the host of the public
    address. Never a link code: a calendar is passed on. A reference's other signs become "_", so
    that "-" separates the parts alone.
    """
    reference = _NO_PART_OF_A_NAME.sub("_", notice_reference)
    return f"deadline-{reference}-{change_position}@{host.lower()}"
