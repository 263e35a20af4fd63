"""Files that are given out: as a download only, never as a page, whatever is in them."""

from io import BytesIO

from flask import Blueprint, current_app, send_file
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.keep_document import open_document
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.web.access import needs_role

documents = Blueprint("documents", __name__, url_prefix="/desk/documents")

# What somebody else wrote is never a page of ours, whatever a browser makes of it.
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@documents.route("/<int:document_id>")
@needs_role(Role.LEGAL)
def download_document(document_id: int) -> Response:
    """A kept file, byte by byte as it was given."""
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    kept, octets = open_document(db.session(), document_id, keys=(settings.seal_key,))
    return download(octets, kept.file_name, kept.media_type)


def download(octets: bytes, name: str, media_type: str) -> Response:
    """Bytes that somebody else wrote, or that hold a personal link: to be saved, never shown or
    kept by the way. name: without any folder."""
    response = send_file(
        BytesIO(octets),
        mimetype=media_type,
        as_attachment=True,
        download_name=name,
        etag=False,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
