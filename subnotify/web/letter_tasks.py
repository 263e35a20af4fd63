"""Steps elsewhere on the desk that a client's letter asks for: taken, they end its wait."""

from flask import request

from subnotify.operations.file_letter import NoTaskLeft, finish_letter_task
from subnotify.rules.errors import NotFound
from subnotify.storage.database import db
from subnotify.storage.tables import IncomingLetterRow
from subnotify.web.access import request_at
from subnotify.web.case_steps import who


def asked_letter(client_id: int) -> IncomingLetterRow | None:
    """The letter that the address names (`?letter=`), None without one.

    Raises NotFound for a letter that is not this client's.
    """
    text = request.args.get("letter", "")
    if not text:
        return None
    # Larger than any id: the database would refuse it.
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    row = db.session.get(IncomingLetterRow, number)
    if row is None or row.client_id != client_id:
        raise NotFound
    return row


def finish_task(letter_id: int, note: str) -> None:
    """The step was done: the letter waits no more. One that asks for no step stays as it is."""
    try:
        finish_letter_task(db.session(), letter_id, note, at=request_at(), **who())
    except NoTaskLeft:
        return
