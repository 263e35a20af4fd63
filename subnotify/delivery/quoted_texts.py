"""What the sender of a mail wrote, apart from our own mail quoted in it.

Only what is known as ours is left out: a colleague's objection that the sender passes on, or
answers above, is part of what the client says.
"""

import re
from collections.abc import Collection
from enum import Enum

from subnotify.delivery.incoming_addresses import base_address, list_addresses

_LONGEST_LINE = 2_000
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_FORWARD = re.compile(
    r"^[\s\-_=*]*(?:begin(?: of)? forwarded message|forwarded (?:message|by)|"
    r"weitergeleitete nachricht|anfang der weitergeleiteten|message transf[ée]r[ée]|"
    r"d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])|message r[ée]exp[ée]di[ée]|"
    r"messaggio inoltrato|inizio messaggio inoltrato|mensaje reenviado|mensagem encaminhada|"
    r"doorgestuurd bericht|vidarebefordrat|videresendt)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^\s*-{2,}\s*(?:original message|original appointment|urspr(?:ü|ue)ngliche nachricht|"
    r"message d['’]origine|message original|messaggio originale|mensaje original|"
    r"mensagem original|oorspronkelijk bericht|ursprungligt meddelande|oprindelig meddelelse|"
    r"wiadomość oryginalna|oryginalna wiadomość)\s*-*\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(
    r"(?:\bwrote|\ba écrit|\bschrieb|\bha scritto|\bescribió|\bescreveu|\bschreef|\bskrev|"
    r"\bnapisał(?:\(a\)|a)?|\bgeschreven)\b.{0,300}:\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION_START = re.compile(
    r"^\s*(?:on|le|am|il|el|op|em|den|w dniu|at|no dia|il giorno|dnia|på)\b.{0,200}\d",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"^\W*(?:from|von|de|da|van|från|fra|od|expéditeur|absender|mittente)\s*\W?\s*:\W*\S",
    re.IGNORECASE,
)
_OTHER_FIELD = re.compile(
    r"^\W*(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|envoye|à|objet|inviato|data|"
    r"a|oggetto|enviado(?: el)?|enviada(?: em)?|para|asunto|assunto|verzonden|aan|onderwerp|"
    r"skickat|till|ämne|sendt|til|emne|wysłano|do|temat|reply-to|répondre à|fecha)\s*\W?\s*:",
    re.IGNORECASE,
)


class _State(Enum):
    OWN = 1  # the sender's words
    MARKED = 2  # below our attribution: lines with > are ours
    ALL = 3  # below the head of our mail: all is ours
    OTHERS = 4  # below another person's head: all counts


def split_quoted(
    text: str, own_addresses: Collection[str], own_names: Collection[str]
) -> tuple[str, str]:
    """The words of a mail, and what was left out as a quotation of ours.

    `own_names`: how the answer calls us, where it says. Where nothing would be left, the whole
    text is returned, and nothing as quoted.
    """
    lines = [line[:_LONGEST_LINE] for line in text.split("\n")]
    names = {one.casefold() for one in own_names if one.strip()}
    reader = _Reader(lines, {base_address(one) for one in own_addresses}, names)
    for number in range(len(lines)):
        reader.read(number)
    kept = _joined(reader.kept)
    return (kept, _joined(reader.left_out)) if kept else (_joined(lines), "")


class _Reader:
    def __init__(self, lines: list[str], own: set[str], names: set[str]) -> None:
        self._lines = lines
        self._own = own
        self._names = names
        self._state = _State.OWN
        self._depth = 0  # of the line that the state began with
        self._head_until = -1
        self.kept: list[str] = []
        self.left_out: list[str] = []

    def read(self, number: int) -> None:
        line = self._lines[number]
        depth = _depth(line)
        if number > self._head_until:
            if line.strip("> ") and depth < self._depth and self._state is not _State.OWN:
                # A quotation in a quotation has ended; what encloses it is another person's.
                self._state, self._depth = _State.OTHERS, depth
            self._enter(number, line.lstrip("> "))
        match self._state:
            case _State.OTHERS:
                left_out = False
            case _State.ALL:
                left_out = True
            case _State.MARKED:
                left_out = depth > self._depth or number <= self._head_until
            case _State.OWN:
                left_out = depth > 0
        (self.left_out if left_out else self.kept).append(line)

    def _enter(self, number: int, line: str) -> None:
        """Does another mail begin in this line, and whose?"""
        if not line.strip():
            return
        if _FORWARD.match(line):
            self._change(number, _State.OTHERS)
        elif _SEPARATOR.match(line):
            head = self._head(number + 1)
            self._begin(number, head, number + len(head), _State.ALL)
        elif head := self._head(number):
            self._begin(number, head, number + len(head) - 1, _State.ALL)
        elif attribution := self._attribution(number):
            until = number + len(attribution) - 1
            depth = _depth(self._lines[number])
            deeper = any(_depth(one) > depth for one in self._next_lines(until + 1))
            self._begin(number, attribution, until, _State.MARKED if deeper else _State.ALL)

    def _begin(self, number: int, head: list[str], until: int, if_ours: _State) -> None:
        self._change(number, if_ours if self._is_ours(head) else _State.OTHERS)
        self._head_until = until

    def _change(self, number: int, state: _State) -> None:
        self._state, self._depth = state, _depth(self._lines[number])

    def _is_ours(self, head: list[str]) -> bool:
        """By an address of ours, else by a name of ours; where none is known, it may be ours."""
        addresses = {base_address(one) for line in head for one in list_addresses(line)}
        if addresses:
            return bool(addresses & self._own)
        text = " ".join(head).casefold()
        return not self._names or not head or any(name in text for name in self._names)

    def _head(self, number: int) -> list[str]:
        """From, Sent, To, Subject as Outlook writes them: the line of From and those beneath."""
        lines = [line.lstrip("> ") for line in self._lines[number : number + 12]]
        while lines and not lines[0].strip():
            lines.pop(0)
        if not lines or not _FROM.match(lines[0]):
            return []
        fields = [line for line in lines[1:6] if _OTHER_FIELD.match(line)]
        return lines[:1] if len(fields) >= 2 else []

    def _attribution(self, number: int) -> list[str]:
        """`On ... wrote:`, in up to three lines."""
        three = [line.lstrip("> ") for line in self._lines[number : number + 3]]
        if not _ATTRIBUTION_START.match(three[0]):
            return three[:1] if self._is_short_attribution(number, three[0]) else []
        for count in (1, 2, 3):
            lines = three[:count]
            if _ATTRIBUTION.search(" ".join(lines)):
                return lines
        return []

    def _is_short_attribution(self, number: int, line: str) -> bool:
        """`Name <address> wrote:`, with the quotation right beneath."""
        if "@" not in line or not _ATTRIBUTION.search(line):
            return False
        return any(one.startswith(">") for one in self._next_lines(number + 1))

    def _next_lines(self, number: int) -> list[str]:
        following = (line for line in self._lines[number : number + 6] if line.strip())
        return [line for _, line in zip(range(2), following, strict=False)]


def _depth(line: str) -> int:
    """How many marks of quotation a line begins with."""
    marks = line[: len(line) - len(line.lstrip("> "))]
    return marks.count(">") if line.startswith(">") else 0


def _joined(lines: list[str]) -> str:
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
