"""Header fields as strangers write them: RFC 5322, 2047 and 2231, read leniently.

Values are cut at `LONGEST_VALUE`, and every expression here takes linear time.
"""

import binascii
import codecs
import quopri
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

LONGEST_VALUE = 10_000
MOST_FIELDS = 2_000

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
_NUMBERED = re.compile(r"([^*]+)\*([0-9]{1,3})(\*?)")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a mail or part in their order: the name in small letters, the unfolded text.

    Octets beyond ASCII are read as UTF-8, else as Latin-1.
    """

    fields: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The value of the first field of that name, empty where there is none."""
        return next((value for one, value in self.fields if one == name), "")

    def list_all(self, name: str) -> list[str]:
        return [value for one, value in self.fields if one == name]

    def has(self, name: str) -> bool:
        return any(one == name for one, _ in self.fields)


def read_headers(raw: bytes, start: int, head_limit: int, end: int) -> tuple[Headers, int]:
    """The header fields at `start`, and where the body begins. Lines end with LF.

    A line that is no field ends the head. No more than `head_limit` is read.
    """
    if raw.startswith((b"From ", b">From "), start):  # of an mbox file
        start = _next_line(raw, start, end)
    fields: list[tuple[str, bytearray]] = []
    at = start
    while at < head_limit:
        after = _next_line(raw, at, end)
        line = raw[at : min(after, head_limit)]
        if line in {b"\n", b""} or line.strip() == b"":
            at = after
            break
        if line[:1] in {b" ", b"\t"} and fields:
            if len(fields[-1][1]) < LONGEST_VALUE:
                fields[-1][1].extend(b" " + line[:LONGEST_VALUE].strip())
        elif (match := _FIELD.match(line)) is None:
            break
        elif len(fields) < MOST_FIELDS:
            value = line[match.end() : match.end() + LONGEST_VALUE].strip()
            fields.append((match[1].decode("ascii").casefold(), bytearray(value)))
        at = after
    decoded = tuple((name, _text(bytes(value[:LONGEST_VALUE]))) for name, value in fields)
    return Headers(decoded), min(at, end)


def decode_words(value: str) -> str:
    """The text of a header value with encoded words (RFC 2047); what cannot be decoded stays."""
    joined = _BETWEEN_WORDS.sub(r"\1", value)
    pieces: list[str] = []
    at = 0
    charset, octets = "", b""
    for match in _ENCODED_WORD.finditer(joined):
        between, at = joined[at : match.start()], match.end()
        name, decoded = match[1].partition("*")[0].casefold(), _decoded_octets(match)
        # Some programs cut a character in two: words of one charset are read as one.
        if between or name != charset:
            pieces += [decode_octets(octets, charset), between]
            charset, octets = name, b""
        octets += match[0].encode() if decoded is None else decoded
    pieces += [decode_octets(octets, charset), joined[at:]]
    return " ".join(clean_text("".join(pieces)).split())


def read_value(value: str) -> tuple[str, dict[str, str]]:
    """A structured value like `text/plain; charset=utf-8`: its word, and its parameters."""
    word, separator, rest = value.partition(";")
    parameters: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for match in _PARAMETER.finditer(separator + rest):
        name = match[1].casefold()
        quoted = match[2] is not None
        text = re.sub(r"\\(.)", r"\1", match[2]) if quoted else match[3].strip()
        if numbered := _NUMBERED.fullmatch(name):
            piece = (int(numbered[2]), text, bool(numbered[3]))
            pieces.setdefault(numbered[1], []).append(piece)
        elif name.endswith("*"):
            parameters.setdefault(name[:-1], _extended(text))
        else:
            parameters.setdefault(name, text)
    for name, found in pieces.items():
        joined = "".join(text for _, text, _ in sorted(found))
        extended = any(is_extended for *_, is_extended in found)
        parameters.setdefault(name, _extended(joined) if extended else joined)
    return word.strip(), parameters


def decode_octets(octets: bytes, charset: str) -> str:
    """Text in a charset as declared; where that is unknown or wrong UTF-8, else Windows-1252."""
    for name in (charset.strip().strip("\"'"), "utf-8"):
        try:
            if name and codecs.lookup(name).name not in _NO_CHARSETS:
                return clean_text(octets.decode(name))
        except (LookupError, UnicodeError, ValueError):
            continue
    return clean_text(octets.decode("cp1252", "replace"))


def clean_text(text: str) -> str:
    """Without NUL and lone surrogates, which neither database stores."""
    text = text.replace("\0", "")
    return text.encode("utf-8", "replace").decode("utf-8")


# Codecs of Python that decode no text or may grow without bound.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})


def _next_line(raw: bytes, at: int, end: int) -> int:
    found = raw.find(b"\n", at, end)
    return end if found == -1 else found + 1


def _text(octets: bytes) -> str:
    try:
        return clean_text(octets.decode("utf-8"))
    except UnicodeDecodeError:
        return clean_text(octets.decode("latin-1"))


def _decoded_octets(match: re.Match[str]) -> bytes | None:
    text = match[3].encode("utf-8", "replace")
    if match[2].casefold() == "q":
        return quopri.decodestring(text, header=True)
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return None


def _extended(text: str) -> str:
    """RFC 2231: charset'language'percent-encoded."""
    charset, first, rest = text.partition("'")
    _, second, encoded = rest.partition("'")
    if not first or not second:
        return clean_text(unquote_to_bytes(text).decode("utf-8", "replace"))
    return decode_octets(unquote_to_bytes(encoded), charset)
