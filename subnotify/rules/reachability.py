"""Whether notices under an agreement can reach its designated contacts by an address on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from subnotify.rules.channels import notice_channels
from subnotify.rules.ladder import takes_over
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import ServedWhen


class Lack(StrEnum):
    """Why an agreement cannot be served; serve_anew: it could be, and a notice waits for it."""

    NO_CONTACT = "no_contact"
    NO_ADDRESS = "no_address"
    LETTER_BACK = "letter_back"
    MAIL_DEAD = "mail_dead"
    SERVE_ANEW = "serve_anew"


@dataclass(frozen=True)
class ContactReach:
    """A designated notice contact. mail_died_at: when its present email address last refused a
    mail or one came back, None if mail arrived there since; letter_back_at: the same of letters to
    its present postal address."""

    id: int
    name: str
    email: str
    has_post: bool
    mail_died_at: datetime | None = None
    letter_back_at: datetime | None = None


@dataclass(frozen=True)
class Lacking:
    """contact: None where it is no contact's matter. since_at: None where nothing says it."""

    lack: Lack
    contact: ContactReach | None = None
    since_at: datetime | None = None


def find_lacking(
    terms: NoticeTerms | None, contacts: Sequence[ContactReach]
) -> tuple[Lacking, ...]:
    """What keeps notices from being served on these contacts, all that the agreement designates;
    nothing where they can be. One contact that can be reached is enough where the terms say any.
    """
    if not contacts:
        return (Lacking(Lack.NO_CONTACT),)
    lacking = [find_lack(terms, contact) for contact in contacts]
    found = tuple(one for one in lacking if one is not None)
    any_suffices = terms is not None and terms.served_when is ServedWhen.ANY
    if any_suffices and len(found) < len(contacts):
        return ()
    return found


def find_lack(terms: NoticeTerms | None, contact: ContactReach) -> Lacking | None:
    """Why no channel that serves under the terms reaches this contact; None where one does.

    A registered letter takes over from a mail whose address is dead where the terms let it
    (`rules.ladder`): it does not replace an address that is missing.
    """
    channels = notice_channels(terms)
    by_post = contact.has_post and contact.letter_back_at is None
    by_mail = bool(contact.email) and contact.mail_died_at is None
    takes_its_place = bool(contact.email) and takes_over(terms) and by_post
    ways = [by_mail or takes_its_place] if channels.is_by_mail else []
    ways += [by_post] if channels.postal is not None else []
    if all(ways) if channels.every else any(ways):
        return None
    if contact.letter_back_at is not None:
        return Lacking(Lack.LETTER_BACK, contact, contact.letter_back_at)
    if channels.is_by_mail and contact.mail_died_at is not None:
        return Lacking(Lack.MAIL_DEAD, contact, contact.mail_died_at)
    return Lacking(Lack.NO_ADDRESS, contact)
