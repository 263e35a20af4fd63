"""Texts of templates that people read and that do not come from gettext."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

# Stands for what an expression writes.
TOLD = "\ue000"
READ_ATTRIBUTES = {"title", "placeholder", "aria-label", "aria-description", "alt", "data-label"}
SILENT_ELEMENTS = {"style", "script", "code", "pre"}
# Arguments of macros that are keys of what the macro does, not words.
KEYS = re.compile(r"[a-z0-9_./#-]*( [a-z0-9_-]+)*")
WORD_ARGUMENTS = {"hint", "label", "text", "title", "caption", "empty", "message", "summary"}
TEXT_FIRST = {
    "banner",
    "button",
    "data_table",
    "details",
    "link_button",
    "post_button",
    "summary_row",
    "warning_text",
}
# Blocks of templates that fill an attribute.
SILENT_BLOCKS = {"body_class"}
_PARSER = Environment(extensions=["jinja2.ext.do", "jinja2.ext.i18n"])


@dataclass(frozen=True)
class Untranslated:
    template: str
    text: str


def untranslated_texts(path: Path) -> list[Untranslated]:
    """What a template says without gettext, in the order of its source."""
    tree = _PARSER.parse(path.read_text(encoding="utf-8"))
    written = "".join(_written(tree))
    if path.suffix == ".txt":
        found = [part for part in written.split(TOLD) if _has_words(part)]
    else:
        reader = _Reader()
        reader.feed(written)
        reader.close()
        found = reader.found
    found += [text for text in _arguments(tree) if _has_words(text)]
    return [Untranslated(str(path.name), text.strip()) for text in found]


def _has_words(text: str) -> bool:
    return any(character.isalpha() for character in text.replace(TOLD, ""))


def _written(node: nodes.Node) -> Iterator[str]:
    """The template as it would be written, with both branches of every condition."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Output):
            for part in child.nodes:
                yield part.data if isinstance(part, nodes.TemplateData) else _shown(part)
        elif not (isinstance(child, nodes.Block) and child.name in SILENT_BLOCKS):
            yield from _written(child)


def _shown(part: nodes.Node) -> str:
    """The constants that an expression may write; TOLD for everything else."""
    match part:
        case nodes.Const(value=str() as text):
            return text
        case nodes.CondExpr():
            other = _shown(part.expr2) if part.expr2 is not None else ""
            return _shown(part.expr1) + other
        case nodes.Or() | nodes.Add():
            return _shown(part.left) + _shown(part.right)
        case nodes.Concat():
            return "".join(_shown(each) for each in part.nodes)
        case nodes.Filter(node=nodes.Node() as inner):
            return _shown(inner)
        case _:
            return TOLD


def _arguments(tree: nodes.Template) -> Iterator[str]:
    """Constants given to macros as texts, and kept in variables as sentences."""
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        if name in TEXT_FIRST:
            yield from (text for each in call.args[:1] if (text := _shown(each)) != TOLD)
        for keyword in call.kwargs:
            if keyword.key in WORD_ARGUMENTS and name not in ("_", "gettext", "ngettext"):
                yield _shown(keyword.value)
    for assignment in tree.find_all(nodes.Assign):
        text = _shown(assignment.node)
        if not KEYS.fullmatch(text.replace(TOLD, "")):
            yield text


class _Reader(HTMLParser):
    """Collects what a reader of the page sees or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT_ELEMENTS:
            self._silent.append(tag)
        for name, value in attrs:
            if name in READ_ATTRIBUTES and value:
                self._keep(value)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._keep(data)

    def _keep(self, text: str) -> None:
        self.found += [part.strip() for part in text.split(TOLD) if _has_words(part)]
