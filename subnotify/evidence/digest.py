"""Canonical form and salted digest of what a piece of evidence speaks of.

The digest alone says nothing about the content (the salt is 256 random bits), so contents with
personal data can be erased and the evidence stands.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any


@dataclass(frozen=True)
class SealedContent:
    """Content in its canonical form, its salt (64 hexadecimal digits) and its digest."""

    canonical: str
    salt: str
    digest: str

    @property
    def content(self) -> Mapping[str, Any]:
        """As plain JSON data."""
        content: Mapping[str, Any] = json.loads(self.canonical)
        return content


def canonical_json(content: object) -> bytes:
    """Sorted keys, no spaces, UTF-8; instants as ISO 8601 in UTC with Z, dates as ISO 8601.

    Raises TypeError for what JSON has no form for, ValueError for a naive instant or NaN.
    """
    return _CANONICAL.encode(content).encode()


def plain_digest(content: object) -> str:
    """SHA-256 of the canonical form, without salt: equal contents have equal digests."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


def salted_digest(salt: str, content: object) -> str:
    """SHA-256 over the salt's digits (ASCII) followed by the canonical form."""
    return hashlib.sha256(salt.encode("ascii") + canonical_json(content)).hexdigest()


def seal_content(content: Mapping[str, Any]) -> SealedContent:
    """Content with a new random salt, in the form in which it is stored."""
    salt = secrets.token_hex(32)
    canonical = canonical_json(content)
    digest = hashlib.sha256(salt.encode("ascii") + canonical).hexdigest()
    return SealedContent(canonical.decode(), salt, digest)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone, got the naive {value!r}")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


# Kept: `json.dumps` would make one for every piece.
_CANONICAL = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    default=_plain,
)
