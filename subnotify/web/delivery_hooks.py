"""The address at which a relay posts what became of our mails, signed with a shared secret.

`Subnotify-Signature: t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 under the secret over the digits
of `t`, a full stop and the body as sent. More than one `v1` may stand there while the relay changes
secrets. A signature holds for five minutes; what is posted again meanwhile is known already.
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Blueprint, current_app, jsonify, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.import_delivery_events import TakenEvent, take_delivery_events
from subnotify.rules.words import EventSource
from subnotify.storage.database import db
from subnotify.web.access import request_at, signed_route
from subnotify.wording.delivery_events import refusal_sentence
from subnotify.wording.language import wording_for

delivery_hooks = Blueprint("delivery_hooks", __name__, url_prefix="/hooks")

SIGNATURE_HEADER = "Subnotify-Signature"
SIGNATURE_LASTS = timedelta(minutes=5)
LARGEST_BODY = 1024 * 1024
MOST_EVENTS = 5_000
_MOST_SIGNATURES = 4


@delivery_hooks.url_value_preprocessor
def limit_body(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Said before anything reads the request. One more than the limit: a body without a length of
    its own is cut off there, and shows by it that it was too large."""
    request.max_content_length = LARGEST_BODY + 1


@delivery_hooks.errorhandler(RequestEntityTooLarge)
def refuse_large_body(_error: RequestEntityTooLarge) -> Response:
    return _refused(413, f"The body is larger than {LARGEST_BODY} octets: post fewer events.")


@delivery_hooks.route("/delivery-events", methods=["POST"])
@signed_route
def take_events() -> Response:
    """Record the events of a signed JSON list; the answer says what became of each."""
    settings = cast(Settings, current_app.config["SUBNOTIFY_SETTINGS"])
    try:
        body = request.get_data()
    except ClientDisconnected:
        return _refused(400, "The body ended early.")
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge
    if request.mimetype != "application/json":
        return _refused(415, "Post the events as application/json.")
    secret = settings.webhook_secret or ""
    signature = request.headers.get(SIGNATURE_HEADER, "")
    if not secret or not is_signed(signature, body, secret, at=request_at()):
        return _refused(401, f"{SIGNATURE_HEADER} is missing, wrong, or older than five minutes.")
    events = _read_list(body)
    if events is None:
        return _refused(400, "The body is not a JSON list of events in UTF-8.")
    if len(events) > MOST_EVENTS:
        return _refused(413, f"These are more than {MOST_EVENTS} events: post them in parts.")
    taken = take_delivery_events(
        db.session(),
        [(f"events[{number}]", event) for number, event in enumerate(events)],
        source=EventSource.WEBHOOK,
        actor="webhook",
        legal_email=settings.legal_email,
        at=request_at(),
    )
    return jsonify({"events": [_answer(one) for one in taken]})


def is_signed(header: str, body: bytes, secret: str, *, at: datetime) -> bool:
    """Whether a header of ours signs the body, and not too long before (or after) `at`."""
    stamps, signatures = [], []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            stamps.append(value)
        elif name == "v1":
            signatures.append(value)
    if len(stamps) != 1 or not 0 < len(signatures) <= _MOST_SIGNATURES:
        return False
    stamp = stamps[0]
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    if abs(int(stamp) - at.timestamp()) > SIGNATURE_LASTS.total_seconds():
        return False
    wanted = sign_events(stamp, body, secret).encode()
    # As octets: a header may hold any character.
    found = [hmac.compare_digest(wanted, one.encode("utf-8", "replace")) for one in signatures]
    return any(found)


def sign_events(stamp: str, body: bytes, secret: str) -> str:
    """The signature of a body: 64 hexadecimal digits."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def _read_list(body: bytes) -> list[Any] | None:
    try:
        events = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return events if isinstance(events, list) else None


def _answer(taken: TakenEvent) -> dict[str, Any]:
    """For machines: `reason` is a fixed word; for people: `words`, in English."""
    refusal = taken.answered.refusal
    answer: dict[str, Any] = {
        "id": taken.answered.external_id,
        "answer": taken.answered.answer.value,
    }
    if refusal is not None:
        sentences = [refusal_sentence(refusal, wording_for("en")), *map(str, taken.problems)]
        answer |= {"reason": refusal.value, "words": " ".join(sentences)}
    return answer


def _refused(status: int, why: str) -> Response:
    response = jsonify({"error": why})
    response.status_code = status
    return response
