"""Open the bytes of an incoming mail, as they came."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealBroken, SealedMail, SealKey, open_sealed
from subnotify.rules.errors import NotFound, RuleError
from subnotify.storage.tables import IncomingMailRow


class MailNotReadable(RuleError):
    message = "The bytes of this mail cannot be opened: they were sealed with another key."


def open_incoming(session: Session, mail_id: int, *, keys: Sequence[SealKey]) -> bytes:
    """The mail byte by byte. keys: the present seal key and those it replaced.

    Raises NotFound, MailNotReadable.
    """
    found = session.execute(
        select(IncomingMailRow.digest, IncomingMailRow.ciphertext).where(
            IncomingMailRow.id == mail_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    sealed = SealedMail(found.digest, found.ciphertext)
    try:
        return open_sealed(sealed, keys, owner=incoming_owner(found.digest))
    except SealBroken as error:
        raise MailNotReadable from error


def incoming_owner(digest: str) -> str:
    """To whom the sealed bytes of an incoming mail belong: it has no key of its own."""
    return f"incoming:{digest}"
