"""Files that are written whole before their first byte is sent.

A slow reader would otherwise keep a read transaction open, which on SQLite keeps every writer
waiting.
"""

import io
import tempfile
from collections.abc import Callable, Iterator
from typing import IO

from werkzeug.wrappers import Response

from subnotify.storage.database import db

CHUNK = 64 * 1024


def attached(
    write: Callable[[IO[str]], None], *, name: str, kind: str, encoding: str = "utf-8"
) -> Response:
    """What `write` writes, as a file to keep; kind: its media type."""
    return Response(
        _chunks(_spool(write, encoding)),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def attached_csv(write: Callable[[IO[str]], None], *, name: str) -> Response:
    """The same for CSV, with the mark by which spreadsheets know UTF-8."""
    return attached(write, name=name, kind="text/csv; charset=utf-8", encoding="utf-8-sig")


def _spool(write: Callable[[IO[str]], None], encoding: str) -> IO[bytes]:
    """The whole file; the database is done with before its first byte is sent."""
    spooled = tempfile.TemporaryFile()  # noqa: SIM115 - closed once it was sent
    text = io.TextIOWrapper(spooled, encoding=encoding, newline="")
    write(text)
    text.flush()
    text.detach()
    db.session.rollback()
    spooled.seek(0)
    return spooled


def _chunks(spooled: IO[bytes]) -> Iterator[bytes]:
    with spooled:
        while chunk := spooled.read(CHUNK):
            yield chunk
