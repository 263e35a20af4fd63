"""The thread of an opened notice as its client reads it."""

from dataclasses import replace

from subnotify.storage.database import db
from subnotify.storage.legal_messages import list_legal_messages
from subnotify.web.notice.opening import OpenedNotice
from subnotify.web.threads import ThreadEntry, thread_entries
from subnotify.wording.language import Wording


def thread_of(opened: OpenedNotice, w: Wording) -> list[ThreadEntry]:
    """Who of the vendor wrote is the vendor's own matter: its name stands for all of them."""
    written = list_legal_messages(db.session(), opened.link.notice_id)
    entries = thread_entries(opened.responses, written, w)
    return [replace(entry, name="") if entry.is_ours else entry for entry in entries]
