"""What prepares batches of letters writes and merges with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from subnotify.operations.write_letters import BuiltLetter, build_letters, merge_letters


class LetterPress(Protocol):
    """Writes letters, and merges them for the printer."""

    def press(self, session: Session, message_ids: Sequence[int]) -> Sequence[BuiltLetter]:
        """Each of these letters, in their order, with a new personal link. Only reads; raises for
        any that cannot be written."""

    def merge(self, letters: Sequence[BuiltLetter]) -> bytes:
        """One document of all of them, in their order."""


@dataclass(frozen=True)
class TypesetPress:
    """Sets letters with typst. public_url: without a slash at its end. at: their date."""

    public_url: str
    vendor_time_zone: str
    at: datetime

    def press(self, session: Session, message_ids: Sequence[int]) -> Sequence[BuiltLetter]:
        return build_letters(
            session,
            message_ids,
            public_url=self.public_url,
            vendor_time_zone=self.vendor_time_zone,
            at=self.at,
        )

    def merge(self, letters: Sequence[BuiltLetter]) -> bytes:
        return merge_letters(letters)
