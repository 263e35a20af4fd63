"""`/up?nonce=...`: whether this installation answers, for the worker that asks in place of clients.

It answers only where the database does, too: without it no client could answer a notice.
"""

from flask import Blueprint, abort, current_app, request
from werkzeug.wrappers import Response

from subnotify.delivery.public_probe import NONCE_ARGUMENT, PATH, is_nonce, proof_of
from subnotify.storage.database import db
from subnotify.storage.service_watch import ask_database
from subnotify.web.access import open_route

service_proof = Blueprint("service_proof", __name__)


@service_proof.route(PATH)
@open_route
def prove() -> Response:
    """The proof for this nonce, as plain text; never kept by anybody (`no-store`, as all pages)."""
    nonce = request.args.get(NONCE_ARGUMENT, "")
    if not is_nonce(nonce):
        abort(404)
    ask_database(db.session())
    secret_key: str = current_app.config["SUBNOTIFY_SETTINGS"].secret_key
    return Response(proof_of(nonce, secret_key) + "\n", mimetype="text/plain")
