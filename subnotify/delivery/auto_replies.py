"""Mails that a machine wrote in a person's absence: RFC 3834, and what others do instead."""

from dataclasses import dataclass

from subnotify.delivery.mime_parts import Part


@dataclass(frozen=True, slots=True)
class Automatic:
    """Whether a machine wrote a mail, why it is taken so, and why a person must read it still."""

    is_automatic: bool
    reason: str = ""
    for_person: str = ""


def find_automatic(mail: Part, text: str) -> Automatic:
    """Judge a mail by its headers."""
    word = mail.headers.first("auto-submitted").casefold()
    if word and not word.startswith("no"):
        return Automatic(True, f"header Auto-Submitted: {word[:60]}")
    return Automatic(False)
