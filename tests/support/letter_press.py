"""A press that sets letters in an instant, refuses some, and lets things happen meanwhile."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.build_mails import link_digest, mint_link_token
from subnotify.operations.write_letters import BuiltLetter, LetterData
from subnotify.storage.tables import MessageRow

WRITTEN_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


@dataclass
class ScriptedPress:
    """refuses: ids of letters that cannot be written; unprintable: of those whose characters no
    font has. meanwhile: called once letters are set.
    pages: of each letter. tells: the end of a window."""

    refuses: Collection[int] = ()
    unprintable: Collection[int] = ()
    meanwhile: Callable[[], object] = lambda: None
    pages: int = 2
    tells: datetime | None = None
    pressed: list[list[int]] = field(default_factory=list)

    def press(self, session: Session, message_ids: Sequence[int]) -> list[BuiltLetter]:
        self.pressed.append(list(message_ids))
        if set(message_ids) & set(self.refuses):
            raise ValueError("no such glyph")
        keys = dict(
            session.execute(
                select(MessageRow.id, MessageRow.logical_key).where(MessageRow.id.in_(message_ids))
            ).all()
        )
        session.rollback()
        built = [self._built(message_id, keys[message_id]) for message_id in message_ids]
        self.meanwhile()
        return built

    def merge(self, letters: Sequence[BuiltLetter]) -> bytes:
        return b"\n".join(letter.pdf for letter in letters)

    def _built(self, message_id: int, key: str) -> BuiltLetter:
        token = mint_link_token()
        pdf = f"%PDF {key} {token}".encode()
        return BuiltLetter(
            message_id=message_id,
            pdf=pdf,
            pages=self.pages,
            digest=hashlib.sha256(pdf).hexdigest(),
            link_digest=link_digest(token),
            data=LetterData(message_id, cast(Any, None), None, WRITTEN_AT, self.tells),
            has_missing=message_id in self.unprintable,
        )
