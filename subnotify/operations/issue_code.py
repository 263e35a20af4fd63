"""Makes the codes that confirm what gives up protection."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.rules.responses import CODE_ALPHABET, CODE_LASTS, CODE_LENGTH
from subnotify.storage import responses


@dataclass(frozen=True)
class IssuedCode:
    """A code to be mailed. It exists here and in the mail only; the database has its digest."""

    code: str = field(repr=False)
    to_address: str
    expires_at: datetime


def issue_code(
    session: Session,
    response_ids: Sequence[int],
    to_address: str,
    *,
    code_key: bytes,
    at: datetime,
) -> IssuedCode:
    """A new code for answers given with one form; within the caller's transaction.

    It takes the place of any code sent before.
    """
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    first = min(response_ids)
    expires_at = at + CODE_LASTS
    responses.append_code(
        session, first, code_digest(code, first, code_key), expires_at=expires_at, at=at
    )
    return IssuedCode(code, to_address, expires_at)


def code_digest(code: str, response_id: int, code_key: bytes) -> str:
    """HMAC-SHA256 over the response and the code, written in any case and spacing."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hmac.digest(code_key, f"code:{response_id}:{plain}".encode(), "sha256").hex()
