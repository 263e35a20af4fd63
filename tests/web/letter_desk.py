"""What the tests of the letters on the desk share."""

import re
from html import unescape
from io import BytesIO

from sqlalchemy import select

from subnotify.storage.tables import LetterBatchRow, LetterRow, MessageRow
from tests.support.web_client import WebClient, session_on

PATH = "/desk/letters"
EVENTS = f"{PATH}/events"
FIELD = re.compile(r'name="(events|shown)"[^>]*value="([^"]*)"')


def keys(url: str) -> list[str]:
    with session_on(url) as session:
        query = select(MessageRow.logical_key).join(LetterRow)
        return list(session.scalars(query.order_by(MessageRow.id)))


def states(url: str) -> list[str]:
    with session_on(url) as session:
        return list(session.scalars(select(LetterRow.state).order_by(LetterRow.message_id)))


def batch_states(url: str) -> list[str]:
    with session_on(url) as session:
        return list(session.scalars(select(LetterBatchRow.state).order_by(LetterBatchRow.id)))


def upload(browser: WebClient, content: str | bytes, name: str = "events.csv"):
    octets = content.encode() if isinstance(content, str) else content
    fields = {"csrf_token": browser.token(EVENTS), "file": (BytesIO(octets), name)}
    return browser.post_bare(EVENTS, fields)


def confirm(browser: WebClient, check, path: str = f"{EVENTS}/record"):
    fields = {name: unescape(value) for name, value in FIELD.findall(check.text)}
    return browser.post_bare(path, {"csrf_token": browser.token(EVENTS), **fields})
