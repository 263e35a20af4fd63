"""Bounces in no standard form, known by their shape: flufl.bounce, and a server's reply codes.

A person's mail must never be taken for a bounce, so the shape of the words only counts in a mail
that comes from a mail server by its sender, or whose subject begins like that of a bounce.
"""

import logging
import re
from dataclasses import dataclass
from email.message import Message

from flufl.bounce import all_failures

from subnotify.delivery.incoming_addresses import read_sender
from subnotify.delivery.incoming_mail import Report
from subnotify.delivery.mail_words import BOUNCE_SUBJECT, REPLY_PREFIX, STILL_TRYING, says_answer
from subnotify.delivery.mime_headers import Headers, decode_octets, decode_words
from subnotify.delivery.mime_parts import Part
from subnotify.delivery.reports import declares_report, find_status
from subnotify.rules.words import DeliveryEventKind

# The library tries 45 patterns on every line, some in quadratic time: it is given no more.
_MOST_OCTETS = 32_000
_LONGEST_LINE = 250
_MOST_LINES = 1_000
_MOST_LEAVES = 20
_LONGEST_WORDS = 500
_DAEMON = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|postmaster|mail[-.]?delivery|mdaemon)\b", re.IGNORECASE
)
_DAEMON_NAME = re.compile(
    r"\W*(?:(?:internet )?mail delivery|mailer[- ]daemon|mail system|postmaster|"
    r"(?:mail )?delivery (?:sub)?system)",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"^[ \t\-_=*]{0,80}(?:.{0,60}(?:original|returned|unsent|old) (?:message|mail)|"
    r".{0,60}copy of (?:the|your) message|.{0,40}message headers? follow|"
    r"message-id:|received: from)",
    re.IGNORECASE | re.MULTILINE,
)
_REPLY_LINE = re.compile(
    r"(?:(?<=[\s:<>(#])|^)(?:[45][0-5]\d[ \-#:(]{1,3}[45]\.\d\.\d{1,3}|"
    r"5[0-5]\d[ -](?=.{0,120}(?:user|mailbox|recipient|address|account|unknown|reject|denied|"
    r"quota|full|domain|blocked|spam|policy)))",
    re.IGNORECASE | re.MULTILINE,
)
_STATUS = re.compile(r"(?<![\d.])[45]\.\d\.\d{1,3}(?![\d.]*\d)")
_HOST = re.compile(r"\bhost ([A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){1,8})")
_ADDRESS = re.compile(r"<([^\s<>@]{1,64}@[^\s<>@]{1,190})>")
_EMPTY_LINES = re.compile(r"\n(?:[ \t\r]*\n){2,}")
_TOP_FIELDS = ("from", "subject", "x-failed-recipients", "x-mailer", "return-path")


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a bounce reports, and by what it was known."""

    reports: tuple[Report, ...]
    reason: str


def is_from_server(headers: Headers) -> bool:
    """Does a mail bear the name of a mail server, not of a person?"""
    if headers.has("x-failed-recipients"):
        return True
    name, address = read_sender(headers)
    return bool(_DAEMON.match(address)) or bool(_DAEMON_NAME.match(name))


def is_from_machine(headers: Headers) -> bool:
    """Does a mail come from a mail server, or has it the empty envelope sender of reports?"""
    return is_from_server(headers) or headers.first("return-path").strip() == "<>"


def looks_like_bounce(headers: Headers) -> bool:
    """May a mail be a bounce, whatever it says?"""
    if headers.has("x-failed-recipients"):
        return True
    subject = decode_words(headers.first("subject"))
    if REPLY_PREFIX.match(subject):
        return False
    return is_from_server(headers) or BOUNCE_SUBJECT.match(subject) is not None


def find_bounce(mail: Part, whole: str, text: str) -> Bounce | None:
    """The bounce that a mail is, or None. `whole`: its words; `text`: those its sender wrote."""
    if not (looks_like_bounce(mail.headers) or declares_report(mail)):
        return None
    from_server = is_from_server(mail.headers) or declares_report(mail)
    if not from_server and says_answer(text):
        return None
    words = _before_returned(whole[:_MOST_OCTETS])
    temporary, permanent = _failures(mail)
    if temporary or permanent:
        name = "the shape of a bounce (flufl.bounce)"
    elif from_server and _REPLY_LINE.search(words):
        permanent = _addresses(words)
        name = "a mail server's reply code"
    else:
        return None
    subject = decode_words(mail.headers.first("subject"))
    if STILL_TRYING.search(f"{subject}\n{words}"):
        temporary, permanent = temporary | permanent, frozenset()
    reports = [
        *_reports(DeliveryEventKind.FAILED, permanent, words),
        *_reports(DeliveryEventKind.DELAYED, temporary, words),
    ]
    return Bounce(tuple(reports), name)


def _reports(kind: DeliveryEventKind, addresses: frozenset[str], words: str) -> list[Report]:
    said = _REPLY_LINE.search(words)
    host = _HOST.search(words)
    return [
        Report(
            kind=kind,
            status=find_status(words[said.start() : said.end() + 40])
            if said
            else _bare_status(words),
            host=host[1].rstrip(".") if host else "",
            recipient=address,
            final_recipient=address,
            words=" ".join(words[said.start() if said else 0 :].split())[:_LONGEST_WORDS],
            standard=False,
        )
        for address in sorted(addresses)
    ]


def _bare_status(words: str) -> str:
    found = _STATUS.search(words)
    return found[0] if found else ""


def _addresses(words: str) -> frozenset[str]:
    """The first address in angle brackets, or one report of nobody: the tag says whom."""
    found = _ADDRESS.search(words)
    return frozenset({found[1] if found else ""})


def _before_returned(text: str) -> str:
    """The server's words, without the mail that it returns."""
    returned = _RETURNED.search(text)
    return text[: returned.start()] if returned and text[: returned.start()].strip() else text


def _failures(mail: Part) -> tuple[frozenset[str], frozenset[str]]:
    # It logs a traceback for what it cannot read: strangers would fill the log with alarms.
    logging.getLogger("flufl.bounce").disabled = True
    try:
        temporary, permanent = all_failures(_Copy().message(mail))
    except Exception:  # its detectors may fail on what strangers write; then it has found nothing
        return frozenset(), frozenset()
    return _texts(temporary), _texts(permanent)


def _texts(addresses: frozenset[bytes] | set[bytes]) -> frozenset[str]:
    return frozenset(decode_octets(one, "utf-8")[:320] for one in addresses)


class _Copy:
    """A mail as the library reads it: decoded, short, with short lines, without returned mail."""

    def __init__(self) -> None:
        self._left = _MOST_OCTETS
        self._leaves = _MOST_LEAVES

    def message(self, mail: Part) -> Message:
        copy = self._part(mail)
        for name in _TOP_FIELDS:
            for value in mail.headers.list_all(name)[:10]:
                copy[name] = _one_line(value)
        return copy

    def _part(self, part: Part) -> Message:
        copy = Message()
        copy["Content-Type"] = part.content_type
        if description := part.headers.first("content-description"):
            copy["Content-Description"] = _one_line(description)
        if part.is_mail:
            copy.attach(Message())
        elif part.parts:
            for inner in part.parts[:_MOST_LEAVES]:
                copy.attach(self._part(inner))
        else:
            copy.set_payload(self._words(part))
        return copy

    def _words(self, part: Part) -> str:
        if self._left <= 0 or self._leaves <= 0 or not part.content_type.startswith("text/"):
            return ""
        octets = part.body(4 * self._left)
        text = octets.decode("utf-8", "replace").encode("ascii", "replace").decode("ascii")
        lines = _EMPTY_LINES.sub("\n\n", text).splitlines()[:_MOST_LINES]
        words = "\n".join(_without_commas(line[:_LONGEST_LINE]) for line in lines)[: self._left]
        self._left -= len(words)
        self._leaves -= 1
        return words + "\n"


def _without_commas(line: str) -> str:
    """To one of its detectors (LLNL) any address between two commas is a failure."""
    return line.replace(",", " ") if "@" in line and line.count(",") > 1 else line


def _one_line(value: str) -> str:
    return "".join(one if one.isprintable() and one.isascii() else "?" for one in value[:500])
