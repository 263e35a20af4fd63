"""Troubles of our clock, our public address and our mailbox, in the reader's language."""

from datetime import timedelta

from subnotify.rules.troubles import CLAUSES, Trouble, read_trouble
from subnotify.wording.language import Wording


def trouble_words(stored: str, w: Wording) -> str:
    """The clause of a stored fact; words of before facts were stored stay as they are."""
    trouble = read_trouble(stored)
    return stored if trouble is None else trouble_clause(trouble, w)


def trouble_sentence(stored: str, w: Wording) -> str:
    """The same as a sentence of its own: it begins with a capital and ends with a full stop."""
    said = trouble_words(stored, w)
    if read_trouble(stored) is None:
        return said
    return f"{said[:1].upper()}{said[1:]}."


def trouble_clause(trouble: Trouble, w: Wording) -> str:
    """ "the clock jumped forward by 2 minutes 3 seconds against the monotonic clock"."""
    told: dict[str, object] = {**trouble.figures, "words": trouble.words}
    if trouble.length is not None:
        told["length"] = exact_length(trouble.length, w)
    if trouble.instant is not None:
        told["instant"] = w.date_time(trouble.instant)
    return w.gettext(CLAUSES[trouble.code], **told)


def unopened_sentence(count: int, w: Wording) -> str:
    """Mails of ours that wait because of a seal key, with the remedy."""
    return w.ngettext(
        "%(n)s mail waits and is not sent: no seal key of ours opens its stored bytes. Put the key"
        " it was sealed with back, as SUBNOTIFY_SEAL_KEY, and restart the worker.",
        "%(n)s mails wait and are not sent: no seal key of ours opens their stored bytes. Put the"
        " key they were sealed with back, as SUBNOTIFY_SEAL_KEY, and restart the worker.",
        count,
    )


def exact_length(length: timedelta, w: Wording) -> str:
    """A length of time to the second: "1 hour 30 seconds". From a day on, to the minute."""
    hours, rest = divmod(length - timedelta(days=length.days), timedelta(hours=1))
    minutes, rest = divmod(rest, timedelta(minutes=1))
    seconds = 0 if length.days else rest // timedelta(seconds=1)
    said = [
        w.ngettext("%(n)s day", "%(n)s days", length.days) if length.days else "",
        w.ngettext("%(n)s hour", "%(n)s hours", hours) if hours else "",
        w.ngettext("%(n)s minute", "%(n)s minutes", minutes) if minutes else "",
        w.ngettext("%(n)s second", "%(n)s seconds", seconds) if seconds else "",
    ]
    return " ".join(part for part in said if part) or w.ngettext("%(n)s second", "%(n)s seconds", 0)
