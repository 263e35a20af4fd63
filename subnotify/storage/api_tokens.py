"""Tokens of machines, kept as SHA-256 digests."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.gate_tokens import ApiToken
from subnotify.rules.words import TokenScope
from subnotify.storage.tables import ApiTokenRow


def list_api_tokens(session: Session) -> list[ApiToken]:
    """All tokens, the newest first; ended ones, too: who had which is part of the record."""
    rows = session.scalars(select(ApiTokenRow).order_by(ApiTokenRow.id.desc()))
    return [_token(row) for row in rows]


def find_api_token(session: Session, digest: str) -> ApiToken | None:
    """The token of this digest, valid or not."""
    row = session.scalar(select(ApiTokenRow).where(ApiTokenRow.token_digest == digest))
    return None if row is None else _token(row)


def append_api_token(
    session: Session,
    *,
    digest: str,
    label: str,
    scope: TokenScope,
    by: str,
    at: datetime,
    expires_at: datetime,
) -> ApiToken:
    row = ApiTokenRow(
        token_digest=digest,
        label=label,
        scope=scope.value,
        created_by=by,
        created_at=at,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return _token(row)


def lock_api_token(session: Session, token_id: int) -> ApiTokenRow | None:
    """The row as it is now, kept from other writers until the transaction ends."""
    return session.get(
        ApiTokenRow, token_id, populate_existing=True, with_for_update={"key_share": True}
    )


def _token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        row.id,
        row.label,
        TokenScope(row.scope),
        row.created_by,
        row.created_at,
        row.expires_at,
        row.revoked_by,
        row.revoked_at,
    )
