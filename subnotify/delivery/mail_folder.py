"""A folder of mails as a mail server keeps them: one .eml file each, numbered as they came.

The demonstration's mailbox server writes it, its pages read it; production knows none.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

_HEADERS = BytesHeaderParser(policy=policy.default)
_WHOLE = BytesParser(policy=policy.default)
# Whoever reads this many different mails at once has another problem.
_KEPT_SUMMARIES = 5_000


@dataclass(frozen=True)
class StoredMail:
    """What a list shows of a mail. sent_at: what its Date header says, None where it says none.

    recipient: of the envelope, which alone decides where a mail goes.
    """

    number: int
    recipient: str
    sender: str
    subject: str
    sent_at: datetime | None


class MailFolder:
    """The mails under `path`, which is made at the first mail."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, raw: bytes, *, envelope_from: str, recipient: str) -> int:
        """Keep one mail for one recipient, under the two headers a mail server adds; its number.

        The file appears whole or not at all.
        """
        self._path.mkdir(parents=True, exist_ok=True)
        number = max(self._numbers(), default=0) + 1
        part = self._path / f"{secrets.token_hex(8)}.part"
        part.write_bytes(as_delivered(raw, envelope_from=envelope_from, recipient=recipient))
        try:
            while True:
                try:
                    os.link(part, self._file(number))
                    return number
                except FileExistsError:
                    number += 1
        finally:
            part.unlink()

    def list_mails(self) -> list[StoredMail]:
        """All mails, the newest first by their Date; of the same second, the later arrival."""
        mails = [_summary(self._file(number)) for number in self._numbers()]
        oldest = datetime.min.replace(tzinfo=UTC)
        return sorted(mails, key=lambda x: (x.sent_at or oldest, x.number), reverse=True)

    def find_summary(self, number: int) -> StoredMail | None:
        return _summary(self._file(number)) if self._file(number).is_file() else None

    def find_raw(self, number: int) -> bytes | None:
        """The bytes as kept, or None where there is no such mail."""
        try:
            return self._file(number).read_bytes()
        except FileNotFoundError:
            return None

    def find_by_message_id(self, message_id: str) -> bytes | None:
        """The latest mail with this Message-ID, as kept."""
        for number in sorted(self._numbers(), reverse=True):
            raw = self.find_raw(number) or b""
            # Others quote it: most are told apart without being parsed.
            if message_id.encode() in raw:
                headers = _HEADERS.parsebytes(raw)
                if str(headers["Message-ID"]).strip() == message_id:
                    return raw
        return None

    def _file(self, number: int) -> Path:
        return self._path / f"{number:06d}.eml"

    def _numbers(self) -> list[int]:
        if not self._path.is_dir():
            return []
        return [int(file.stem) for file in self._path.glob("*.eml") if file.stem.isdecimal()]


def as_delivered(raw: bytes, *, envelope_from: str, recipient: str) -> bytes:
    """The mail below the two headers that a mail server adds at its final delivery."""
    added = f"Return-Path: <{envelope_from}>\r\nDelivered-To: {recipient}\r\n"
    return added.encode() + raw


def parse_mail(raw: bytes) -> EmailMessage:
    """The mail with its parts, headers decoded."""
    parsed = _WHOLE.parsebytes(raw)
    assert isinstance(parsed, EmailMessage)  # what the policy makes
    return parsed


@lru_cache(maxsize=_KEPT_SUMMARIES)
def _summary(file: Path) -> StoredMail:
    """A mail once kept never changes, so its headers are read once."""
    with file.open("rb") as opened:
        headers = _HEADERS.parse(opened)
    return StoredMail(
        number=int(file.stem),
        recipient=str(headers.get("Delivered-To", "")),
        sender=str(headers.get("From", "")),
        subject=str(headers.get("Subject", "")),
        sent_at=_instant(headers.get("Date")),
    )


def _instant(header: object) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(header))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
