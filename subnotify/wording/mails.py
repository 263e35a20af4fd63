"""Mails from templates: templates/mail/<name>/{subject.txt,body.txt,body.html}.

One Jinja environment for each language, built once. Undefined names raise: a mail with a hole is
not sent. HTML is escaped, text is wrapped at 78 columns (RFC 5322, 2.1.1).

Thousands of mails of a release differ in a few words only: a `MailMould` is rendered once and
filled for each.
"""

import re
import textwrap
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import escape

from subnotify.resources import templates_folder
from subnotify.wording.catalogue import translations_for
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line

COLUMNS = 78
LONGEST_SUBJECT = 300
# Control characters, marks that turn the reading direction, lone surrogates, byte order mark.
_NOT_IN_HEADERS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


@dataclass(frozen=True)
class MailText:
    """The words of one mail; the subject is one line. calendar: of the deadlines it tells, as a
    file that goes with it; None for none."""

    subject: str
    text: str
    html: str
    calendar: bytes | None = None


def render_mail(name: str, w: Wording, /, **values: object) -> MailText:
    """The mail `name` in this language. Raises jinja2.UndefinedError for a value not given."""
    subject, text, html = _templates(name, w.language)
    said = {"w": w, "language": w.language, **values}
    line = " ".join(subject.render(said).split())
    return MailText(
        line if _BLANK.search(line) else subject_line(line),
        text.render(said).strip() + "\n",
        html.render(said),
    )


class MailMould:
    """A rendered mail with blanks: `blank(name)` stands where the words of one mail go.

    What is put into a blank is not wrapped; in HTML it is escaped.
    """

    def __init__(self, mail: MailText) -> None:
        # `re.split` with a group gives text and names in turn.
        self._subject = _BLANK.split(mail.subject)
        self._text = _BLANK.split(mail.text)
        self._html = _BLANK.split(mail.html)

    def fill(self, **values: str) -> MailText:
        """The mail with these words, each on one line. Raises KeyError for a blank not named."""
        plain = {name: " ".join(value.split()) for name, value in values.items()}
        escaped = {
            name: str(escape(value)) if _ESCAPED.search(value) else value
            for name, value in plain.items()
        }
        return MailText(
            subject_line(_joined(self._subject, plain)),
            _joined(self._text, plain),
            _joined(self._html, escaped),
        )


def subject_line(text: str) -> str:
    """The text as it may stand in a subject: without what the header guard refuses, and not
    longer than it allows. No name, however odd or long, may keep a mail back."""
    plain = _NOT_IN_HEADERS.sub("", text).replace("=?", "= ?")
    return plain if len(plain) <= LONGEST_SUBJECT else f"{plain[: LONGEST_SUBJECT - 1].rstrip()}…"


_ESCAPED = re.compile("""[&<>'"]""")
# Characters of private use: no text that people write holds them.
_BLANK = re.compile("\ue000([a-z_]+)\ue001")


def blank(name: str) -> str:
    """What stands in a mould until `MailMould.fill` puts the value called `name` there."""
    return f"\ue000{name}\ue001"


def _joined(parts: list[str], values: dict[str, str]) -> str:
    filled = parts.copy()
    filled[1::2] = [values[name] for name in parts[1::2]]
    return "".join(filled)


@lru_cache(maxsize=8)
def mail_environment(language: str) -> Environment:
    """The environment of all mails in a supported language."""
    environment = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    translations = translations_for(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        translations.gettext, translations.ngettext, newstyle=True
    )
    environment.filters.update(wrapped=wrapped, heading=heading, quoted=quoted, one_line=one_line)
    return environment


@lru_cache(maxsize=64)
def _templates(name: str, language: str) -> tuple[Template, Template, Template]:
    environment = mail_environment(language)
    parts = ("subject.txt", "body.txt", "body.html")
    subject, text, html = (environment.get_template(f"mail/{name}/{part}") for part in parts)
    return subject, text, html


@lru_cache(maxsize=4096)
def wrapped(text: str, indent: int = 0, hanging: int = 0) -> str:
    """Each line of `text` filled to 78 columns; long words (links) are never broken.

    indent: blanks before the first line of each; hanging: blanks before those that follow it.
    Remembered, because mails of one release say nearly the same.
    """
    filled = (
        textwrap.fill(
            line,
            COLUMNS,
            initial_indent=" " * indent,
            subsequent_indent=" " * (hanging or indent),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.splitlines()
    )
    return "\n".join(filled)


@lru_cache(maxsize=1024)
def heading(text: str, rule: str = "-") -> str:
    """A wrapped line with a rule under it."""
    lines = wrapped(text)
    return f"{lines}\n{rule * max(map(len, lines.splitlines()))}"


def quoted(text: str) -> str:
    """What somebody wrote, marked line by line as in a reply."""
    filled = (
        textwrap.fill(
            line,
            COLUMNS,
            initial_indent="> ",
            subsequent_indent="> ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        or ">"
        for line in text.splitlines()
    )
    return "\n".join(filled)
