"""Lists of tags in TXT records (`v=DKIM1; k=rsa; p=...`): RFC 6376, 3.2; DMARC writes them so."""

import re
from collections.abc import Mapping

_TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
# Folding white space, and visible characters but the semicolon.
_TAG_VALUE = re.compile(r"[!-:<-~ \t\r\n]*\Z")


class TagSyntaxError(ValueError):
    """The part of the record that is no tag, or is there twice."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def read_tags(text: str) -> Mapping[str, str]:
    """The tags in their order, values without white space around. Raises `TagSyntaxError`."""
    tags: dict[str, str] = {}
    parts = text.split(";")
    if parts and not parts[-1].strip():
        parts.pop()
    for part in parts:
        name, equals, value = (piece.strip(" \t\r\n") for piece in part.partition("="))
        if not equals or name in tags or not _TAG_NAME.match(name) or not _TAG_VALUE.match(value):
            raise TagSyntaxError(part.strip()[:80])
        tags[name] = value
    return tags
