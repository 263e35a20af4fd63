"""Written requests for the list in words."""

from subnotify.rules.errors import N_
from subnotify.rules.words import ResponseChannel
from subnotify.wording.language import Wording

# A request is no reply to a notice, nor is its answer: "reply by email" would be wrong here.
_WAYS = {
    ResponseChannel.REPLY: N_("email"),
    ResponseChannel.POST: N_("post"),
    ResponseChannel.REGISTERED_POST: N_("registered post"),
    ResponseChannel.OTHER: N_("other"),
    ResponseChannel.LINK: N_("online"),
}


def way_words(channel: ResponseChannel, w: Wording) -> str:
    """How a request came, or how its answer went."""
    return w.gettext(_WAYS[channel])


def age_words(days: int, w: Wording) -> str:
    """How long a request waits. days: since the day on which it came."""
    if days <= 0:
        return w.gettext("since today")
    return w.ngettext("for %(n)s day", "for %(n)s days", days)


def list_version_words(key: str, w: Wording) -> str:
    """A version as the register keeps it: `ListVersion.key`."""
    number, _, release = key.partition("/")
    if not release:
        return w.gettext("version %(number)s", number=number)
    return w.gettext(
        "version %(number)s, latest release %(release)s", number=number, release=release
    )
