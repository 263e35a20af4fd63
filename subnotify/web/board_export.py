"""The cases of the board's filter as CSV and JSON."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from subnotify.operations.export_board import write_csv, write_json
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.web.access import needs_role, request_at
from subnotify.web.board_address import read_view
from subnotify.web.spooled_files import attached, attached_csv

board_export = Blueprint("board_export", __name__, url_prefix="/desk/board")


@board_export.route("/cases.csv")
@needs_role(*Role)
def as_csv() -> Response:
    view, at = read_view(request.args), request_at()
    return attached_csv(
        lambda out: write_csv(db.session(), view.shown, view.lane, out, at=at), name=_name("csv")
    )


@board_export.route("/cases.json")
@needs_role(*Role)
def as_json() -> Response:
    view, at = read_view(request.args), request_at()
    return attached(
        lambda out: write_json(db.session(), view.shown, view.lane, out, at=at),
        name=_name("json"),
        kind="application/json",
    )


def _name(ending: str) -> str:
    return f"cases-{request_at():%Y-%m-%d}.{ending}"
