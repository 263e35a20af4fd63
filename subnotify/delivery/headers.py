"""The one guard for everything that becomes a mail header, and the one way headers are written.

`EmailMessage` of Python 3.11 decodes `=?utf-8?q?a=0D=0ABcc:...?=` when it is assigned and writes
the decoded line break out again as a real header. So no value reaches a mail except through the
guards here, and header lines are written here, not by the library; what is written is parsed by
the library again in `mime.py` and in the tests.
"""

import base64
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

NAME_LIMIT = 200
SUBJECT_LIMIT = 300
ADDRESS_LIMIT = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets with its angle brackets
LOCAL_PART_LIMIT = 64
MESSAGE_ID_LIMIT = 250
FILE_NAME_LIMIT = 150
LINE_LIMIT = 76  # RFC 2047, 2: a line with an encoded word

# Control characters, line and paragraph separators, marks that turn the reading direction (they
# make one name look like another), lone surrogates and the byte order mark.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_ENCODED_WORD = re.compile(r"=\?[^?]*\?[^?]*\?")
_PLAIN_TEXT = re.compile(r"[!-~]+(?: [!-~]+)*\Z")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_LOCAL_PART = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a0-\U0010ffff-]+"
    r"(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a0-\U0010ffff-]+)*\Z"
)
_LETTER = r"A-Za-z0-9\u00a0-\U0010ffff"
_LABEL = rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
# What nearly every address is: with these characters alone, no other check can fail.
_ASCII_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ASCII_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ASCII_ADDRESS = re.compile(
    rf"({_ASCII_ATOM}(?:\.{_ASCII_ATOM})*)@{_ASCII_LABEL}(?:\.{_ASCII_LABEL})*\Z"
)
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/^_`{|}~.-]+@[A-Za-z0-9.-]+>\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_LIST_ID = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z")
_ENCODED_WORD_OCTETS = 39  # 64 characters with its frame: "Reply-To: " still fits the line


class UnsafeHeader(ValueError):
    """A value that must not become part of a mail header. `field` names it, `fact` says why."""

    def __init__(self, field: str, fact: str) -> None:
        super().__init__(f"{field}: {fact}")
        self.field = field
        self.fact = fact


def guard_text(field: str, value: str, *, limit: int) -> str:
    """Return `value` without surrounding spaces, if it may stand in a header.

    `limit` counts characters. Raises `UnsafeHeader` for control characters and line breaks, for
    marks that turn the reading direction, for anything shaped like an encoded word (a later
    program might decode it), and for values over the limit. An empty value passes.
    """
    found = _FORBIDDEN.search(value)
    if found:
        mark = f"U+{ord(found.group()):04X}"
        raise UnsafeHeader(field, f"contains the control character {mark}; write it on one line")
    if _ENCODED_WORD.search(value):
        raise UnsafeHeader(field, "contains an encoded word (=?...?=); write it as plain text")
    text = value.strip(" ")
    if len(text) > limit:
        raise UnsafeHeader(field, f"has {len(text)} characters; at most {limit} are allowed")
    return text


def guard_subject(value: str) -> str:
    """Return the subject of a mail, guarded. Raises `UnsafeHeader`, also when it is empty."""
    subject = guard_text("subject", value, limit=SUBJECT_LIMIT)
    if not subject:
        raise UnsafeHeader("subject", "is empty")
    return subject


def guard_name(value: str) -> str:
    """Return the display name of a mailbox, guarded; may be empty. Raises `UnsafeHeader`.

    Runs of spaces become one: to readers of a phrase (RFC 5322, 3.2.5) they are one.
    """
    if not value:
        return ""
    return re.sub(" +", " ", guard_text("name", value, limit=NAME_LIMIT))


def guard_address(value: str) -> str:
    """Return a mail address `local@domain`, guarded.

    Quoted local parts, address literals and comments are refused: no contract needs them and
    parsers disagree on them. Characters beyond ASCII pass in normal form (NFKC); such an address
    can only be sent to through a server with SMTPUTF8. Raises `UnsafeHeader`.
    """
    plain = _ASCII_ADDRESS.match(value) if len(value) <= ADDRESS_LIMIT else None
    if plain and len(plain[1]) <= LOCAL_PART_LIMIT and "=?" not in value:
        return value
    address = guard_text("address", value, limit=ADDRESS_LIMIT)
    local, at_sign, domain = address.rpartition("@")
    if not at_sign or not local or not domain:
        raise UnsafeHeader("address", "is not of the form name@domain")
    if len(local.encode()) > LOCAL_PART_LIMIT or len(address.encode()) > ADDRESS_LIMIT:
        raise UnsafeHeader(
            "address", f"is over {ADDRESS_LIMIT} octets, or {LOCAL_PART_LIMIT} before the @"
        )
    if "=?" in address or not _LOCAL_PART.match(local) or not _DOMAIN.match(domain):
        raise UnsafeHeader("address", "is not of the form name@domain")
    if not address.isascii() and (
        unicodedata.normalize("NFKC", address) != address
        or any(_is_unseen(character) for character in address)
    ):
        raise UnsafeHeader("address", "contains characters that other programs read differently")
    return address


def _is_unseen(character: str) -> bool:
    """Spaces, what takes no room (zero-width and soft hyphens), what Unicode has not named, and the
    ideographic full stop, which some take for a dot."""
    category = unicodedata.category(character)
    return character == "\u3002" or category[0] == "Z" or category in ("Cf", "Cn", "Co")


def guard_message_id(value: str) -> str:
    """Return a Message-ID `<left@right>` in plain ASCII, guarded. Raises `UnsafeHeader`."""
    if len(value) > MESSAGE_ID_LIMIT or not _MESSAGE_ID.match(value):
        raise UnsafeHeader("message id", "is not of the form <unique@domain> in plain ASCII")
    return value


def guard_language(value: str) -> str:
    """Return a language tag such as `fr` or `en-GB`, guarded. Raises `UnsafeHeader`."""
    if not _LANGUAGE.match(value):
        raise UnsafeHeader("language", "is not a language tag such as fr or en-GB")
    return value


def guard_list_id(value: str) -> str:
    """Return a list identifier such as `subprocessors.example.org` (RFC 2919), guarded."""
    if len(value) > ADDRESS_LIMIT or not _LIST_ID.match(value):
        raise UnsafeHeader("list id", "is not a dotted name such as subprocessors.example.org")
    return value


def guard_file_name(value: str) -> str:
    """Return the file name of an attachment, guarded: no folder, no quote, no leading dot."""
    name = guard_text("file name", value, limit=FILE_NAME_LIMIT)
    # Readers take any space off the ends, whatever kind it is.
    if (
        not name
        or name != name.strip()
        or name.startswith(".")
        or any(mark in name for mark in '/\\"<>|?*:;%')
    ):
        raise UnsafeHeader("file name", "is empty, hidden or contains a path or quoting character")
    return name


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name (may be empty) and an address, both guarded at construction.

    Raises `UnsafeHeader`.
    """

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", guard_address(self.address))
        object.__setattr__(self, "name", guard_name(self.name))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def needs_smtputf8(self) -> bool:
        return not self.address.isascii()


# The mails of a notice share their subject.
@lru_cache(maxsize=1024)
def text_header(name: str, value: str) -> bytes:
    """Write an unstructured header (a subject) of guarded text as one folded header with CRLF."""
    room = LINE_LIMIT - len(name) - 2
    if _PLAIN_TEXT.match(value) and "=?" not in value:
        if len(value) <= room:
            return f"{name}: {value}\r\n".encode("ascii")
        words = value.split(" ")
        if max(map(len, words)) < room:
            return f"{name}: {_fold(words, room)}\r\n".encode("ascii")
    return f"{name}: {_encoded_words(value)}\r\n".encode("ascii")


def address_header(name: str, mailbox: Mailbox) -> bytes:
    """Write an address header of one mailbox with CRLF.

    Only an address beyond ASCII makes it more than ASCII (RFC 6532).
    """
    address = f"<{mailbox.address}>" if mailbox.name else mailbox.address
    phrase = _phrase(mailbox.name)
    line = f"{name}: {phrase} {address}" if phrase else f"{name}: {address}"
    if len(line) > LINE_LIMIT and phrase:
        line = f"{name}: {phrase}\r\n {address}"
    return f"{line}\r\n".encode()


def token_header(name: str, value: str) -> bytes:
    """Write a header whose value is already guarded plain ASCII (an id, a tag) with CRLF."""
    return f"{name}: {value}\r\n".encode("ascii")


def id_list_header(name: str, message_ids: Sequence[str]) -> bytes:
    """Write a header of one or more guarded Message-IDs, one a line, with CRLF."""
    return token_header(name, "\r\n ".join(message_ids))


# The mails of a batch share their instant.
@lru_cache(maxsize=64)
def date_header(at: datetime) -> bytes:
    """Write the Date header. `at` must be aware: a naive instant raises `UnsafeHeader`."""
    if at.tzinfo is None:
        raise UnsafeHeader("date", "has no time zone")
    return token_header("Date", format_datetime(at))


def _fold(words: Sequence[str], room: int) -> str:
    lines: list[str] = []
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > (room if not lines else LINE_LIMIT - 1):
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


# That of the sender is in every mail.
@lru_cache(maxsize=1024)
def _phrase(name: str) -> str:
    if not name:
        return ""
    if len(name) <= 60 and "=?" not in name and _PLAIN_TEXT.match(name):
        if _ATOMS.match(name):
            return name
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _encoded_words(name)


def _encoded_words(value: str) -> str:
    """RFC 2047: base64 words that each hold whole characters, one a line."""
    octets = value.encode()
    chunks, start = [], 0
    while start < len(octets):
        end = start + _ENCODED_WORD_OCTETS
        # Back to where a character begins: its further octets are 10xxxxxx.
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        chunks.append(octets[start:end])
        start = end
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(part).decode()}?=" for part in chunks)
