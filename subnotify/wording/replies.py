"""Why a mail did not arrive, as it is on record: our own words in the reader's language."""

import re

from subnotify.wording.language import Wording

# As `record_attempts` writes it: how long a mail was put off, and the last reply.
_GIVEN_UP = re.compile(r"given up after (\d+) days: (.*)", re.DOTALL)


def reply_words(stored: str, w: Wording) -> str:
    """What we said ourselves is translated; what a server or the system said stays as it came.
    "" where nothing is on record."""
    given_up = _GIVEN_UP.fullmatch(stored)
    if given_up is not None:
        return w.ngettext(
            "given up after %(n)s day: %(reply)s",
            "given up after %(n)s days: %(reply)s",
            int(given_up[1]),
            reply=given_up[2],
        )
    return w.gettext(stored) if stored else ""
