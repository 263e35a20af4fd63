"""The files in a mail that somebody else wrote, with names that are safe to offer for download.

Nothing in the bytes is trusted: names may hold paths or invisible signs, parts may be nested or
cut off. What cannot be read is left out; the whole mail is always there as it came.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

MOST_FILES = 100
MOST_PARTS = 1_000
LONGEST_NAME = 120
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
# Told apart on no system: reserved for devices on some.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class MailFile:
    """number counts from 1 and stands for the same file each time. name: never a path.

    content_type: as declared by who sent it, so a hint only; empty where it is none.
    """

    number: int
    name: str
    content_type: str
    octets: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.octets)


def list_files(raw: bytes) -> list[MailFile]:
    """The files of a mail in their order, at most `MOST_FILES`; empty for what is no mail."""
    try:
        mail = message_from_bytes(raw, policy=policy.compat32)
        leaves = _leaves(mail)
    except (RecursionError, ValueError, LookupError, TypeError):
        return []  # nested without end, or broken beyond the parser
    files: list[MailFile] = []
    for part in leaves:
        if len(files) < MOST_FILES and _is_file(part):
            number = len(files) + 1
            found = _read(part, number)
            if found is not None:
                files.append(found)
    return files


def safe_file_name(given: str, fallback: str) -> str:
    """The last part of a path, without signs that hide or turn round what is read.

    Kept: letters, digits and visible signs of any script. Ends on dots and spaces are cut off, a
    first dot too: such a file would be hidden.
    """
    last = re.split(r"[/\\:]", given.replace("\x00", "/"))[-1]
    visible = "".join(
        sign for sign in last if unicodedata.category(sign)[0] != "C" and sign not in '<>"|?*'
    )
    name = " ".join(visible.split()).strip(". ")
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        short = len(ending) <= 10 and dot
        room = LONGEST_NAME - (len(ending) + 1 if short else 0)
        name = f"{stem[:room]}.{ending}" if short else name[:LONGEST_NAME]
    return fallback if not name or _DEVICES.fullmatch(name) else name


def _leaves(mail: Message) -> list[Message]:
    """The parts that hold something, in their order; a mail within the mail is one of them."""
    found: list[Message] = []
    waiting = [mail]
    seen = 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(), seen + 1
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            waiting.extend(x for x in reversed(inner) if isinstance(x, Message))
        else:
            found.append(part)
    return found


def _is_file(part: Message) -> bool:
    """Not the words of the mail: those are shown, or left in the original."""
    if part.get_content_type() in ("text/plain", "text/html"):
        disposition = str(part.get("Content-Disposition", "")).strip().lower()
        return disposition.startswith("attachment") or bool(_given_name(part))
    return part.get_content_maintype() != "multipart"


def _read(part: Message, number: int) -> MailFile | None:
    try:
        octets = _octets(part)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return None
    declared = part.get_content_type().lower()
    is_mail = part.get_content_maintype() == "message"
    fallback = f"mail-{number}.eml" if is_mail else f"file-{number}"
    return MailFile(
        number,
        safe_file_name(_given_name(part), fallback),
        declared if _TYPE.fullmatch(declared) else "",
        octets,
    )


def _octets(part: Message) -> bytes:
    inner = part.get_payload()
    if isinstance(inner, list):
        return b"".join(x.as_bytes() for x in inner if isinstance(x, Message))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _given_name(part: Message) -> str:
    """As declared, decoded where it is encoded; empty where it cannot be read."""
    try:
        given = part.get_filename() or ""
        return str(make_header(decode_header(given))) if "=?" in given else given
    except (HeaderParseError, ValueError, LookupError, TypeError):
        return ""
