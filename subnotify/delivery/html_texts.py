"""The words of a mail in HTML, one line for each block, quotations marked with `>`."""

import html
import re

_LONGEST_HTML = 400_000
_LONGEST_TEXT = 60_000
_ENDS_LINE = frozenset(
    {
        "address",
        "article",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    }
)
_ENDS_CELL = frozenset({"td", "th"})
_UNSEEN = frozenset({"head", "script", "style", "title", "noscript", "template", "svg"})
_TAG = re.compile(r"</?\s*([a-zA-Z][a-zA-Z0-9]{0,20})")


def html_text(markup: str) -> str:
    """Plain words of at most the first 400,000 characters of markup. Linear, never raises.

    It stops after some 60,000 characters of text.
    """
    return _Writer().write(markup[:_LONGEST_HTML])


class _Writer:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._written = 0
        self._preformatted = False
        self._unclosed: set[str] = set()

    def write(self, markup: str) -> str:
        at = 0
        while at < len(markup) and self._written < _LONGEST_TEXT:
            opening = markup.find("<", at)
            opening = len(markup) if opening == -1 else opening
            self._words(markup[at:opening])
            self._written += opening - at + 1
            if opening == len(markup):
                break
            at = self._tag(markup, opening)
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def _tag(self, markup: str, at: int) -> int:
        """Read what begins with `<`; where the text goes on."""
        if markup.startswith("<!--", at):
            return _after(markup, "-->", at)
        match = _TAG.match(markup, at)
        if match is None:
            if markup[at + 1 : at + 2] in {"!", "?"}:
                return _after(markup, ">", at)
            self._line.append("<")
            return at + 1
        name, closes = match[1].casefold(), markup[at + 1] == "/"
        end = _after(markup, ">", at)
        if name in _UNSEEN and not closes:
            return self._skip(markup, name, end)
        if name in _ENDS_LINE:
            self._end_line()
        elif name in _ENDS_CELL:
            self._line.append(" ")
        if name == "pre":
            self._preformatted = not closes
        if name == "blockquote":
            self._quotes = max(self._quotes + (-1 if closes else 1), 0)
        return end

    def _skip(self, markup: str, name: str, at: int) -> int:
        """Where an unseen element ends; one that never ends hides nothing."""
        if name in self._unclosed:
            return at
        closing = re.compile(rf"</{name}\b", re.IGNORECASE).search(markup, at)
        if closing is None:
            self._unclosed.add(name)
            return at
        return _after(markup, ">", closing.start())

    def _words(self, text: str) -> None:
        first, *others = text.split("\n") if self._preformatted else [text]
        self._line.append(first)
        for line in others:
            self._end_line()
            self._line.append(line)

    def _end_line(self) -> None:
        text = " ".join(html.unescape("".join(self._line)).split())
        self._line.clear()
        if text:
            # A quotation within a quotation says no more than a quotation.
            self._lines.append(("> " if self._quotes else "") + text)
        elif self._lines and self._lines[-1]:
            self._lines.append("")


def _after(markup: str, mark: str, at: int) -> int:
    found = markup.find(mark, at)
    return len(markup) if found == -1 else found + len(mark)
