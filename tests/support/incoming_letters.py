"""Letters from clients for tests: what legal writes down, and scans of every kind."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.keep_document import GivenFile
from subnotify.operations.record_incoming_letter import RecordedLetter, record_incoming_letter
from subnotify.rules.incoming_letters import GivenLetter
from subnotify.rules.words import IncomingLetterKind, ResponseChannel
from tests.support.settings import SEAL_KEY

KEY = SealKey(SEAL_KEY)
PARIS = ZoneInfo("Europe/Paris")
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
HTML = b"<!doctype html><script>alert(1)</script>"
# A page behind the first bytes of a PDF: readers of HTML that look further would run it.
POLYGLOT = b"%PDF-1.7\n<html><body><script>alert(document.domain)</script>%%EOF"
LEGAL = {"by": "marc", "actor": "operator:2"}


def given_letter(**fields: Any) -> GivenLetter:
    """A registered objection of 10 March 2026, posted on the 7th."""
    values: dict[str, Any] = {
        "kind": IncomingLetterKind.OBJECTION,
        "channel": ResponseChannel.REGISTERED_POST,
        "received_on": date(2026, 3, 10),
        "dispatched_on": date(2026, 3, 7),
        "letter_reference": "1A 123 456 7890 1",
        "from_name": "Claire Martin",
    }
    return GivenLetter(**values | fields)


def add_letter(
    session: Session,
    *,
    at: datetime,
    notice_id: int | None = None,
    client_id: int | None = None,
    scan: GivenFile | None = None,
    **fields: Any,
) -> RecordedLetter:
    """A letter recorded on the desk. Without dates it came on the day of `at`, posted before."""
    today = at.astimezone(PARIS).date()
    days = {"received_on": today, "dispatched_on": today - timedelta(days=3)}
    return record_incoming_letter(
        session,
        given_letter(**days | fields),
        notice_id=notice_id,
        client_id=client_id,
        scan=scan,
        seal_key=KEY,
        zone=PARIS,
        at=at,
        **LEGAL,
    )
