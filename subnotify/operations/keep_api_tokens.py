"""Make and revoke the tokens with which a deploy pipeline asks the gate."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.gate_tokens import ApiToken, TokenRevoked, token_problems
from subnotify.rules.time_limits import start_of_day
from subnotify.rules.words import TokenScope
from subnotify.storage.api_tokens import append_api_token, lock_api_token

# Says whose secret it is where one is found in a log.
PREFIX = "subnotify_"


@dataclass(frozen=True)
class MadeToken:
    """secret: to be shown once; nobody can read it again."""

    token: ApiToken
    secret: str


def make_api_token(
    session: Session,
    *,
    label: str,
    scope: TokenScope,
    last_day: date,
    zone: ZoneInfo,
    by: str,
    actor: str,
    at: datetime,
) -> MadeToken:
    """A new token of 256 bits that ends with `last_day` (inclusive) in the vendor's zone.

    Raises ProblemsFound at `label` and `last_day`.
    """
    label = label.strip()
    problems = token_problems(label, last_day, today=at.astimezone(zone).date())
    if problems:
        raise ProblemsFound(problems)
    secret = PREFIX + secrets.token_urlsafe(32)
    expires_at = start_of_day(last_day + timedelta(days=1), zone)
    with transaction(session):
        made = append_api_token(
            session,
            digest=hashlib.sha256(secret.encode()).hexdigest(),
            label=label,
            scope=scope,
            by=by,
            at=at,
            expires_at=expires_at,
        )
        append_evidence(
            session,
            "api_token_made",
            actor=actor,
            object_type="api_token",
            object_id=made.id,
            content={"scope": scope, "label": label, "expires_at": expires_at, "by": by},
            at=at,
        )
    return MadeToken(made, secret)


def revoke_api_token(session: Session, token_id: int, *, by: str, actor: str, at: datetime) -> None:
    """The token opens nothing from now on. Raises NotFound, TokenRevoked."""
    with transaction(session):
        row = lock_api_token(session, token_id)
        if row is None:
            raise NotFound
        if row.revoked_at is not None:
            raise TokenRevoked
        row.revoked_at, row.revoked_by = at, by
        append_evidence(
            session,
            "api_token_revoked",
            actor=actor,
            object_type="api_token",
            object_id=token_id,
            content={"by": by},
            at=at,
        )
