"""Set an operator's second factor up, and pass it: a code from a telephone, or a recovery code."""

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from math import ceil

import pyotp
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealedMail, SealKey, open_sealed, seal
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.second_factor import (
    LOCKED_FOR,
    RECOVERY_CODES,
    WRONG_TRIES,
    SecondFactorExists,
    SecondFactorLocked,
    SecondFactorMissing,
    SecondFactorRefused,
    SetUpCodeWrong,
    bare_code,
    is_telephone_code,
    steps_that_count,
)
from subnotify.storage import second_factors
from subnotify.storage.operators import Operator, end_other_operator_sessions

# 80 bits, written as 16 letters and digits without 0, 1, 8, 9.
_RECOVERY_OCTETS = 10


def new_secret() -> str:
    """A secret of 160 bits in base32, as telephones take it."""
    return pyotp.random_base32(32)


def code_at(secret: str, step: int) -> str:
    """The six digits of a step."""
    return pyotp.TOTP(secret).generate_otp(step)


def seal_secret(secret: str, operator_id: int, key: SealKey) -> SealedMail:
    """A secret as it is kept: encrypted, and of no use to another operator."""
    return seal(secret.encode(), key, owner=_owner(operator_id))


def open_secret(sealed: SealedMail, operator_id: int, keys: Sequence[SealKey]) -> str:
    """The secret. Raises `SealBroken`."""
    return open_sealed(sealed, keys, owner=_owner(operator_id)).decode()


def address_for_telephone(secret: str, *, name: str, issuer: str) -> str:
    """The otpauth: address that a QR code carries."""
    # A colon parts issuer and name in that address.
    return pyotp.TOTP(secret).provisioning_uri(
        name=name.replace(":", " "), issuer_name=issuer.replace(":", " ")
    )


def set_up_second_factor(
    session: Session,
    operator: Operator,
    *,
    secret: str,
    code: str,
    token_digest: str,
    may_replace: bool,
    seal_key: SealKey,
    at: datetime,
) -> tuple[str, ...]:
    """Keep the secret once a code shows that the telephone has it; the recovery codes, which exist
    in this answer only.

    The session with this digest has passed the factor then; the operator's other ones end.
    may_replace: whether it has passed an earlier factor, which the new one replaces. Raises
    SetUpCodeWrong, SecondFactorExists.
    """
    step = _fitting_step(secret, bare_code(code), steps_that_count(at, None))
    if step is None:
        raise SetUpCodeWrong()
    codes = _new_recovery_codes()
    sealed = seal_secret(secret, operator.id, seal_key)
    with transaction(session):
        replaced = second_factors.delete_second_factor(session, operator.id)
        if replaced and not may_replace:
            raise SecondFactorExists()
        second_factors.append_second_factor(
            session,
            operator.id,
            digest=sealed.digest,
            ciphertext=sealed.ciphertext,
            last_step=step,
            at=at,
        )
        second_factors.replace_recovery_codes(session, operator.id, map(_digest, codes), at=at)
        second_factors.set_second_factor_passed(session, token_digest, at=at)
        end_other_operator_sessions(session, operator.id, token_digest, at=at)
        _note(session, "second_factor_set_up", operator, {"replaced": replaced}, at)
    return codes


def pass_second_factor(
    session: Session,
    operator: Operator,
    code: str,
    *,
    token_digest: str,
    seal_keys: Sequence[SealKey],
    at: datetime,
) -> None:
    """Let this session through by the telephone's code or by a recovery code; each counts once.

    Raises SecondFactorLocked before the code is looked at, SecondFactorRefused (the try is
    counted; five lock for a quarter of an hour), SecondFactorMissing.
    """
    bare = bare_code(code)
    with transaction(session):
        factor = second_factors.lock_second_factor(session, operator.id)
        if factor is None:
            raise SecondFactorMissing(name=operator.name)
        if factor.locked_until is not None and factor.locked_until > at:
            left = (factor.locked_until - at).total_seconds() / 60
            raise SecondFactorLocked(minutes=max(1, ceil(left)))
        # Counted before the code is looked at, so that tries at once cannot slip through.
        second_factors.append_wrong_try(
            session, operator.id, most=WRONG_TRIES, locked_until=at + LOCKED_FOR
        )
    sealed = SealedMail(factor.secret_digest, factor.secret_ciphertext)
    secret = open_secret(sealed, operator.id, seal_keys)
    step = _fitting_step(secret, bare, steps_that_count(at, factor.last_step))
    with transaction(session):
        if step is not None:
            passed = second_factors.claim_step(session, operator.id, step)
        else:
            passed = not is_telephone_code(bare) and second_factors.claim_recovery_code(
                session, operator.id, _digest(bare), at=at
            )
            if passed:
                left = second_factors.count_recovery_codes(session, operator.id)
                _note(session, "recovery_code_used", operator, {"left": left}, at)
        if passed:
            second_factors.forget_wrong_tries(session, operator.id)
            second_factors.set_second_factor_passed(session, token_digest, at=at)
    if not passed:
        raise SecondFactorRefused()


def renew_recovery_codes(session: Session, operator: Operator, *, at: datetime) -> tuple[str, ...]:
    """New recovery codes in place of all earlier ones. Raises SecondFactorMissing."""
    codes = _new_recovery_codes()
    with transaction(session):
        if second_factors.find_second_factor(session, operator.id) is None:
            raise SecondFactorMissing(name=operator.name)
        second_factors.replace_recovery_codes(session, operator.id, map(_digest, codes), at=at)
        _note(session, "recovery_codes_renewed", operator, {"count": len(codes)}, at)
    return codes


def _fitting_step(secret: str, bare: str, steps: Sequence[int]) -> int | None:
    """The step whose code this is. Every code is compared, in constant time."""
    fitting = [
        step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), bare.encode())
    ]
    return fitting[-1] if fitting else None


def _new_recovery_codes() -> tuple[str, ...]:
    return tuple(_new_recovery_code() for _ in range(RECOVERY_CODES))


def _new_recovery_code() -> str:
    written = b32encode(secrets.token_bytes(_RECOVERY_OCTETS)).decode()
    return "-".join(written[start : start + 4] for start in range(0, len(written), 4))


def _digest(code: str) -> str:
    """Of 80 random bits: nobody finds the code from its SHA-256."""
    return hashlib.sha256(bare_code(code).encode()).hexdigest()


def _owner(operator_id: int) -> str:
    return f"second factor of operator {operator_id}"


def _note(
    session: Session, kind: str, operator: Operator, content: dict[str, object], at: datetime
) -> None:
    append_evidence(
        session,
        kind,
        actor=f"operator:{operator.id}",
        object_type="operator",
        object_id=operator.id,
        content=content,
        at=at,
    )
