"""The parts of a mail that anybody may have sent, read by RFC 5322 and 2046 in bounded time.

The standard library's parser recurses as deep as the mail is nested and reads some header values
in quadratic time, so a stranger's mail could stop it. Here every limit is a number: what lies
beyond is left in the part where it begins, as bytes.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from subnotify.delivery.mime_headers import Headers, read_headers, read_value

DEEPEST = 30
MOST_PARTS = 1_000
LONGEST_HEAD = 256 * 1024
_WHOLE_MAILS = frozenset({"message/rfc822", "message/global", "message/news"})
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")


@dataclass
class Part:
    """One part: its headers, the place of its still encoded body, and what it is made of.

    A whole mail inside (message/rfc822) is the only one of its `parts`.
    """

    headers: Headers
    raw: bytes = field(repr=False)
    start: int
    end: int
    parts: list["Part"] = field(default_factory=list)

    @cached_property
    def content_type(self) -> str:
        """Like text/plain, in small letters; what is missing or malformed is text/plain."""
        value = read_value(self.headers.first("content-type"))[0].casefold()
        return value if _TYPE.fullmatch(value) else "text/plain"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Those of Content-Type; the names in small letters."""
        return read_value(self.headers.first("content-type"))[1]

    @cached_property
    def disposition(self) -> tuple[str, dict[str, str]]:
        """Content-Disposition, in small letters, with its parameters; empty where there is none."""
        word, parameters = read_value(self.headers.first("content-disposition"))
        return word.casefold(), parameters

    @property
    def file_name(self) -> str:
        return self.disposition[1].get("filename") or self.parameters.get("name", "")

    @property
    def encoding(self) -> str:
        value = read_value(self.headers.first("content-transfer-encoding"))[0]
        return value.strip().casefold()

    def body(self, at_most: int) -> bytes:
        """The octets of the body, decoded, from at most so many octets of the mail."""
        encoded = self.raw[self.start : min(self.end, self.start + at_most)]
        if self.encoding == "base64":
            return _from_base64(encoded)
        if self.encoding == "quoted-printable":
            return quopri.decodestring(encoded)
        return encoded

    @property
    def size(self) -> int:
        """Octets of the body when decoded, by its length: a stranger's file is not unpacked."""
        octets = self.end - self.start
        if self.encoding != "base64":
            return octets
        letters = octets - self.raw.count(b"\n", self.start, self.end)
        padding = self.raw.count(b"=", max(self.start, self.end - 4), self.end)
        return max(letters * 3 // 4 - padding, 0)

    def walk(self, *, into_mails: bool = False) -> Iterator["Part"]:
        """This part and all below in the order of the mail; mails inside only if asked for."""
        yield self
        if self.content_type in _WHOLE_MAILS and not into_mails:
            return
        for part in self.parts:
            yield from part.walk(into_mails=into_mails)

    @property
    def is_mail(self) -> bool:
        return self.content_type in _WHOLE_MAILS


def read_parts(raw: bytes) -> Part:
    """Read a whole mail. Line ends may be of any kind. Never raises."""
    raw = raw.replace(b"\r\n", b"\n")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return _Reader().read(raw, 0, len(raw), depth=0)


class _Reader:
    """Counts the parts of one mail, however deep they lie."""

    def __init__(self) -> None:
        self._left = MOST_PARTS

    def read(self, raw: bytes, start: int, end: int, *, depth: int) -> Part:
        self._left -= 1
        headers, body_start = read_headers(raw, start, min(end, start + LONGEST_HEAD), end)
        part = Part(headers, raw, body_start, end)
        if depth < DEEPEST and self._left > 0:
            if part.is_mail:
                part.parts = [self._inner_mail(part, depth)]
            elif part.content_type.startswith("multipart/") and (
                boundary := part.parameters.get("boundary")
            ):
                part.parts = self._split(part, boundary, depth)
        return part

    def _inner_mail(self, part: Part, depth: int) -> Part:
        if part.encoding in {"base64", "quoted-printable"}:
            inner = part.body(part.end - part.start).replace(b"\r\n", b"\n")
            return self.read(inner, 0, len(inner), depth=depth + 1)
        return self.read(part.raw, part.start, part.end, depth=depth + 1)

    def _split(self, part: Part, boundary: str, depth: int) -> list[Part]:
        found: list[Part] = []
        opened: int | None = None
        for line_start, line_end, closes in _delimiters(part, boundary):
            if opened is not None:
                # The line end before a delimiter belongs to the delimiter.
                end = max(line_start - 1, opened)
                found.append(self.read(part.raw, opened, end, depth=depth + 1))
            opened = None if closes else line_end
            if closes or self._left <= 0:
                break
        if opened is not None and opened < part.end:
            self_end = part.end
            found.append(self.read(part.raw, opened, self_end, depth=depth + 1))
        return found


def _delimiters(part: Part, boundary: str) -> Iterator[tuple[int, int, bool]]:
    """Where a delimiter line begins, where the next line begins, whether it is the last one."""
    raw, end = part.raw, part.end
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    at = raw.find(mark, part.start, end)
    while at != -1:
        line_end = raw.find(b"\n", at, end)
        line_end = end if line_end == -1 else line_end
        rest = raw[at + len(mark) : min(line_end, at + len(mark) + 100)].strip()
        if (at == part.start or raw[at - 1 : at] == b"\n") and rest in {b"", b"--"}:
            yield at, min(line_end + 1, end), rest == b"--"
        at = raw.find(mark, max(line_end, at + len(mark)), end)


def _from_base64(encoded: bytes) -> bytes:
    """Lenient: strangers cut their base64 short, and put lines of text behind it."""
    try:
        return binascii.a2b_base64(encoded)
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", encoded)
        whole = letters[: len(letters) // 4 * 4]
        return binascii.a2b_base64(whole)
