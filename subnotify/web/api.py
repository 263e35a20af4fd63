"""What machines ask: JSON, with a token (see `web.access.token_route`), no cookie, nothing kept.

`gate-json.md` beside this file names the fields.
"""

from flask import Blueprint, current_app, jsonify, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.ask_gate import ask_gate
from subnotify.operations.gate_data import gate_data
from subnotify.rules.errors import NotFound
from subnotify.rules.words import TokenScope
from subnotify.storage.database import db
from subnotify.web.access import request_at, token_route
from subnotify.web.problem_details import problem_response

api = Blueprint("api", __name__, url_prefix="/api/v1")

PAGE_SIZE = 500
LAST_OFFSET = 10_000_000


@api.errorhandler(NotFound)
def say_not_found(_error: NotFound) -> Response:
    return problem_response(404, "There is no such change.")


@api.errorhandler(HTTPException)
def say_refused(error: HTTPException) -> Response:
    kept = {k: v for k, v in error.get_headers() if k.lower() in ("allow", "retry-after")}
    return problem_response(error.code or 500, error.description or error.name, kept)


@api.route("/changes/<int:change_id>/gate")
@token_route(TokenScope.GATE)
def tell_gate(change_id: int) -> Response:
    """Whether the change may be used now, else what blocks it; and for whom it must not be used.

    200 whether ready or not: `ready` says it. `?offset=` reads on in `withheld`; `next` is the
    address of what follows, or null.
    """
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    answer = ask_gate(
        db.session(),
        change_id,
        zone=settings.zone,
        at=request_at(),
        offset=_offset(),
        limit=PAGE_SIZE,
    )
    following = None
    if answer.next_offset is not None:
        path = url_for(".tell_gate", change_id=change_id, offset=answer.next_offset)
        following = settings.public_url.rstrip("/") + path
    return jsonify({**gate_data(answer), "next": following})


def _offset() -> int:
    text = request.args.get("offset", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return min(number, LAST_OFFSET)
