"""Send a registered letter as an electronic one instead of on paper, or on paper after all.

Article L100 of the Code des postes et des communications électroniques: an electronic registered
letter is equivalent to a registered letter where it meets the requirements of Article 44 of
Regulation (EU) No 910/2014 (a qualified service); who is no professional must have agreed to
receive such letters. Its proofs are the provider's: of the deposit, of the first presentation,
of the receipt. A person enters them as events of the letter.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.prepare_batches import Preparation
from subnotify.operations.press_letters import LetterPress
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import LetterProduct, LetterState, MessageState
from subnotify.storage.former_seals import take_bytes_back
from subnotify.storage.letters import StoredLetter, lock_letters, notices_of_letters
from subnotify.storage.servings import lock_notice_ids
from subnotify.storage.tables import LetterRow
from subnotify.storage.waiting_letters import list_former, lock_waiting


class NotToBeSentElectronically(RuleError):
    message = (
        "Only a registered letter that waits, and is in no batch, can be sent electronically."
        " Cancel its batch first, where it has one."
    )


class ContactHasChanged(RuleError):
    message = (
        "The contact is not designated any more, or has another name or address by now. Serve the"
        " notice again."
    )


class LetterNotWritten(RuleError):
    message = "The letter could not be written. It is set aside: its page says why."


class NotElectronic(RuleError):
    message = "This letter is not sent electronically, or it has been sent already."


def send_electronically(
    session: Session,
    message_id: int,
    press: LetterPress,
    *,
    seal_key: SealKey,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
) -> None:
    """A queued registered letter becomes an electronic one: it is written and sealed now, and is
    never printed. Done a second time it changes nothing.

    zone: the vendor's. Raises NotToBeSentElectronically, ContactHasChanged, LetterNotWritten,
    NotFound.
    """
    with transaction(session):
        letter = _lock(session, message_id)
        if letter.product is LetterProduct.REGISTERED:
            row = session.get_one(LetterRow, message_id, populate_existing=True)
            if not _waits(letter) or row.batch_id is not None:
                raise NotToBeSentElectronically
            if list_former(session, [message_id], on=at.astimezone(zone).date()):
                raise ContactHasChanged
            row.product = LetterProduct.REGISTERED_ELECTRONIC.value
            _evidence(session, letter, LetterProduct.REGISTERED_ELECTRONIC, by, actor, at)
        elif letter.product is LetterProduct.PLAIN or not _waits(letter):
            raise NotToBeSentElectronically
    run = Preparation(session, press, seal_key, by, actor, zone, at)
    with transaction(session):
        letters = list(lock_waiting(session, [message_id]).values())
    if letters:
        written = run.write(letters)
        if written is None or not run.store(LetterProduct.REGISTERED_ELECTRONIC, written):
            raise LetterNotWritten


def send_on_paper(session: Session, message_id: int, *, by: str, actor: str, at: datetime) -> None:
    """An electronic registered letter of which nothing is on record is printed after all.

    It is written anew with its batch; the bytes that it had are kept. Done a second time it
    changes nothing. Raises NotElectronic, NotFound.
    """
    with transaction(session):
        letter = _lock(session, message_id)
        if letter.product is LetterProduct.REGISTERED and _waits(letter):
            return
        if letter.product is not LetterProduct.REGISTERED_ELECTRONIC or not _waits(letter):
            raise NotElectronic
        take_bytes_back(session, [message_id], at=at)
        session.execute(
            update(LetterRow)
            .where(LetterRow.message_id == message_id)
            .values(product=LetterProduct.REGISTERED.value)
        )
        _evidence(session, letter, LetterProduct.REGISTERED, by, actor, at)


def _lock(session: Session, message_id: int) -> StoredLetter:
    lock_notice_ids(session, notices_of_letters(session, [message_id]))
    letter = lock_letters(session, [message_id]).get(message_id)
    if letter is None:
        raise NotFound
    return letter


def _waits(letter: StoredLetter) -> bool:
    return letter.state is LetterState.QUEUED and letter.message_state is MessageState.QUEUED


def _evidence(
    session: Session,
    letter: StoredLetter,
    product: LetterProduct,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    append_evidence(
        session,
        "letter_product_chosen",
        actor=actor,
        object_type="message",
        object_id=letter.message_id,
        content={
            "logical_key": letter.logical_key,
            "product": product,
            "was": letter.product,
            "by": by,
        },
        at=at,
    )
