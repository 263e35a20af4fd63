"""The cases of the board's filter as CSV and JSON."""

import io
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from subnotify.operations.export_board import write_csv, write_json
from subnotify.rules.lanes import Lane
from subnotify.rules.words import Role
from subnotify.storage.board_filter import BoardFilter
from subnotify.storage.database import db
from subnotify.web.access import needs_role, request_at
from subnotify.web.board_address import read_view

board_export = Blueprint("board_export", __name__, url_prefix="/desk/board")

CHUNK = 64 * 1024


@board_export.route("/cases.csv")
@needs_role(*Role)
def as_csv() -> Response:
    # With the mark by which spreadsheets know UTF-8.
    return _file("csv", "text/csv; charset=utf-8", write_csv, "utf-8-sig")


@board_export.route("/cases.json")
@needs_role(*Role)
def as_json() -> Response:
    return _file("json", "application/json", write_json, "utf-8")


def _file(ending: str, kind: str, write: Callable[..., None], encoding: str) -> Response:
    view = read_view(request.args)
    spooled = _spool(db.session(), view.shown, view.lane, write, encoding, request_at())
    name = f"cases-{request_at():%Y-%m-%d}.{ending}"
    return Response(
        _chunks(spooled),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _spool(
    session: Session,
    shown: BoardFilter,
    lane: Lane | None,
    write: Callable[..., None],
    encoding: str,
    at: datetime,
) -> IO[bytes]:
    """The whole file; the database is done with before its first byte is sent."""
    spooled = tempfile.TemporaryFile()  # noqa: SIM115 - closed once it was sent
    text = io.TextIOWrapper(spooled, encoding=encoding, newline="")
    write(session, shown, lane, text, at=at)
    text.flush()
    text.detach()
    session.rollback()
    spooled.seek(0)
    return spooled


def _chunks(spooled: IO[bytes]) -> Iterator[bytes]:
    with spooled:
        while chunk := spooled.read(CHUNK):
            yield chunk
