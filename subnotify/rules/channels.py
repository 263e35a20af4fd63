"""By which channels notice is given under the terms: what is sent, and what serves."""

from dataclasses import dataclass

from subnotify.rules.terms import MAIL_CHANNELS, NoticeTerms
from subnotify.rules.terms_words import ChannelChoice
from subnotify.rules.words import Channel

# A registered letter is post as well: it serves where a clause asks for either.
POSTAL_CHANNELS = frozenset({Channel.POST, Channel.REGISTERED_POST})


@dataclass(frozen=True)
class NoticeChannels:
    """by: the channels that serve a notice contact, of email, post and registered post; every:
    each of them is needed, else one is enough."""

    by: frozenset[Channel]
    every: bool = False

    @property
    def is_by_mail(self) -> bool:
        return Channel.EMAIL in self.by

    @property
    def postal(self) -> Channel | None:
        """The channel of the letter; where both are named the registered one, which is both."""
        if Channel.REGISTERED_POST in self.by:
            return Channel.REGISTERED_POST
        return Channel.POST if Channel.POST in self.by else None

    def takes(self, channel: Channel) -> bool:
        """Whether the clause names this channel: a registered letter is post as well."""
        if channel is Channel.REGISTERED_POST:
            return bool(self.by & POSTAL_CHANNELS)
        return channel in self.by

    def __str__(self) -> str:
        return " ".join(["every" if self.every else "any", *sorted(self.by)])


MAIL_ONLY = NoticeChannels(frozenset({Channel.EMAIL}))


def notice_channels(terms: NoticeTerms | None) -> NoticeChannels:
    """How notice is given under these terms.

    Where the clause names channels without saying whether one is enough: email beside plain post
    is how clauses say "by email or post", and a registered letter is both kinds of post. Anything
    else is not computable (`terms_checks`): a mail informs meanwhile, as it does where the terms
    are unknown or name only a portal.
    """
    if terms is None:
        return MAIL_ONLY
    named = {Channel.EMAIL if one in MAIL_CHANNELS else one for one in terms.channels}
    served = frozenset(named & {Channel.EMAIL, *POSTAL_CHANNELS})
    if not served or not is_channel_enough(terms):
        return MAIL_ONLY
    return NoticeChannels(served, every=terms.channel_choice is ChannelChoice.EVERY)


def is_channel_enough(terms: NoticeTerms) -> bool:
    """Whether mails and letters are notice under the clause (publication alone apart)."""
    channels = set(terms.channels)
    sendable = MAIL_CHANNELS | POSTAL_CHANNELS
    match terms.channel_choice:
        case ChannelChoice.ANY:
            return bool(channels & sendable)
        case ChannelChoice.EVERY:
            return bool(channels & sendable) and channels <= sendable | {Channel.LIST_PUBLICATION}
        case _:
            by_mail_or_plain_post = channels <= MAIL_CHANNELS | {Channel.POST}
            return bool(channels) and (by_mail_or_plain_post or channels <= POSTAL_CHANNELS)
