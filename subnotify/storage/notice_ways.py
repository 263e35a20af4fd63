"""How notice is given under the joined terms, and who can be reached so: as SQL.

`terms_versions.notice_channels` says it as `rules.channels` writes it: "any email post". Where
there are no terms a mail informs.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, null, or_

from subnotify.rules.channels import MAIL_ONLY
from subnotify.rules.words import Channel
from subnotify.storage.tables import ContactRow, TermsVersionRow

_BLANK = " \t\r\n"


def _named() -> ColumnElement[str]:
    return func.coalesce(TermsVersionRow.notice_channels, str(MAIL_ONLY))


def asks_for_mail() -> ColumnElement[bool]:
    return _named().contains(" email", autoescape=True)


def asks_for_post() -> ColumnElement[bool]:
    return or_(_is_named(Channel.POST), _is_named(Channel.REGISTERED_POST))


def asks_for_every() -> ColumnElement[bool]:
    """Each of the channels is needed; else one is enough."""
    return _named().startswith("every", autoescape=True)


def is_letter_needed() -> ColumnElement[bool]:
    """A letter goes to the joined notice contact: where the terms ask for post, unless a mail goes
    that is enough."""
    return and_(asks_for_post(), or_(~asks_for_mail(), asks_for_every(), ~has_email()))


def postal_channel() -> ColumnElement[Any]:
    """The channel of a letter that serves under the joined terms; NULL where none does."""
    return case(
        (_is_named(Channel.REGISTERED_POST), Channel.REGISTERED_POST.value),
        (_is_named(Channel.POST), Channel.POST.value),
        else_=null(),
    )


def copy_channel() -> ColumnElement[Any]:
    """The channel of a copy on paper under the joined terms; NULL where they ask for none."""
    copies = func.coalesce(TermsVersionRow.terms["copy_channels"].as_string(), "")
    return case(
        (copies.contains(f'"{Channel.REGISTERED_POST}"', autoescape=True), "registered_post"),
        (copies.contains(f'"{Channel.POST}"', autoescape=True), "post"),
        else_=null(),
    )


def has_email() -> ColumnElement[bool]:
    """Whether the joined contact can be reached by mail."""
    return func.coalesce(ContactRow.email, "") != ""


def has_postal_address() -> ColumnElement[bool]:
    """Whether the joined contact can be reached by post."""
    return func.trim(ContactRow.postal_address, _BLANK) != ""


def has_needed_address() -> ColumnElement[bool]:
    """The joined contact has, dead or not, what the channels of the joined terms ask for."""
    by_mail, by_post = asks_for_mail(), asks_for_post()
    return case(
        (
            asks_for_every(),
            and_(or_(~by_mail, has_email()), or_(~by_post, has_postal_address())),
        ),
        else_=or_(and_(by_mail, has_email()), and_(by_post, has_postal_address())),
    )


def _is_named(channel: Channel) -> ColumnElement[bool]:
    # A space goes before each channel, and "registered_post" is not " post".
    return _named().contains(f" {channel.value}", autoescape=True)
