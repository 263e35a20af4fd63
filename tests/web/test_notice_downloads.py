"""What a notice's reader takes along: files that hold no personal link and no other's facts."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest
from icalendar import Calendar
from pypdf import PdfReader
from pypdf.generic import StreamObject

from tests.support.read_pdfs import read_pdf
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario
from tests.support.web_client import session_on
from tests.web.test_notice_answers import NAMED, send


@pytest.fixture
def announce(database_url, at) -> Callable[..., Announced]:
    with session_on(database_url) as session:
        yield Scenario(session, at=at).announce


def assert_is_kept_private(response) -> None:
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert response.headers["Cache-Control"] == "no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_deadline_as_a_calendar(client, announce):
    announced = announce(changes=2, language="fr")
    page = client.get(f"/n/{announced.token}").text
    assert "deadline.ics" in page
    response = client.get(f"/n/{announced.token}/deadline.ics")
    assert_is_kept_private(response)
    assert response.mimetype == "text/calendar"
    assert announced.token.encode() not in response.data.replace(b"\r\n ", b"")
    events = Calendar.from_ical(response.data).walk("VEVENT")
    assert len({event["UID"] for event in events}) == len(events) == 2
    assert all("s’opposer" in str(event["SUMMARY"]) for event in events)


def test_without_a_deadline_there_is_no_calendar(client, announce):
    announced = announce(served=False)
    assert "deadline.ics" not in client.get(f"/n/{announced.token}").text
    assert client.get(f"/n/{announced.token}/deadline.ics").status_code == 404


PDFS = ("notice.pdf", "copy.pdf", "summary.pdf")


def everything_in(raw: bytes) -> bytes:
    """The bytes of a PDF, of its streams once unpacked, and its words in one line."""
    reader = PdfReader(BytesIO(raw), strict=True)
    streams = [
        found.get_data()
        for number in range(1, int(reader.trailer["/Size"]))
        if isinstance(found := _object(reader, number), StreamObject)
    ]
    words = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert len(streams) > 3
    return b"\0".join([raw, *streams, words.encode(), words.replace(" ", "").encode()])


def _object(reader: PdfReader, number: int) -> object:
    try:
        return reader.get_object(number)
    except Exception:
        return None


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_byte_of_a_sheet_is_the_personal_link(client, announce, language, at):
    announced = announce(preset=REGISTERED, language=language, changes=2, contacts=2)
    notice = client.get(f"/n/{announced.token}").text
    for name in PDFS:
        assert f"/{name}" in notice
        response = client.get(f"/n/{announced.token}/{name}")
        assert_is_kept_private(response)
        assert response.mimetype == "application/pdf"
        inside = everything_in(response.data)
        for part in (announced.token, announced.token[:12], announced.token[-12:], "/n/"):
            assert part.encode() not in inside
        read = read_pdf(response.data)
        assert read.language == language and "<pdfaid:part>2</pdfaid:part>" in read.xmp
        assert read.tags.count("/H1") == 1 and read.tags.count("/H2") >= 4
        assert "\ufffd" not in read.text


def test_the_copy_says_that_it_is_one_and_all_that_the_notice_says(client, announce):
    announced = announce(preset=REGISTERED, changes=2)
    words = read_pdf(client.get(f"/n/{announced.token}/copy.pdf").data).text
    assert "This is a copy for passing on. It is no notice to whoever else reads it." in words
    assert "Orage" in words and "What silence means" in words and "Deadline" in words
    page = unescape(client.get(f"/n/{announced.token}").text)
    told = re.findall(r"<dd><div>(.*?)</div></dd>", page, re.DOTALL)
    assert told
    for line in (line.strip() for fact in told for line in fact.split("<br>")):
        assert "".join(line.split()) in "".join(words.split()), line


def test_the_summary_is_one_page_with_both_days(client, announce):
    announced = announce(preset=REGISTERED, changes=2)
    read = read_pdf(client.get(f"/n/{announced.token}/summary.pdf").data)
    assert len(read.pages) == 1 and min(read.sizes) >= 9
    for told in ("Objecting means terminating", "Last posting day", "Last day to arrive", "Costs"):
        assert told in read.text
    # Where objecting is not terminating there is nothing to sign.
    other = announce(preset=FIFTEEN)
    assert "summary.pdf" not in client.get(f"/n/{other.token}").text
    assert client.get(f"/n/{other.token}/summary.pdf").status_code == 404


def test_a_receipt_holds_the_text_that_its_digest_covers(client, announce):
    announced, other = announce(), announce()
    place = send(client, f"/n/{announced.token}/object", text="Outside <the> EU.", **NAMED).location
    reference = place.rsplit("/", 1)[1]
    assert "/receipt.pdf" in client.get(place).text
    response = client.get(f"/n/{announced.token}/receipts/{reference}/receipt.pdf")
    assert_is_kept_private(response)
    assert announced.token.encode() not in everything_in(response.data)
    words = read_pdf(response.data).text
    assert reference in words and "Outside <the> EU." in words
    # Another notice's link opens none of it.
    assert client.get(f"/n/{other.token}/receipts/{reference}/receipt.pdf").status_code == 404


def test_an_answer_that_waits_for_its_code_has_no_receipt_yet(client, announce, smtp_server):
    announced = announce()
    code_page = send(client, f"/n/{announced.token}/no-objection", **NAMED).location
    receipt = code_page.removesuffix("/code")
    assert "receipt.pdf" not in client.get(receipt).text
    assert client.get(f"{receipt}/receipt.pdf").status_code == 404


@pytest.mark.parametrize("name", [*PDFS, "deadline.ics"])
def test_a_link_that_nobody_has_opens_no_file(client, announce, name):
    announce(preset=REGISTERED)
    assert client.get(f"/n/{'A' * 43}/{name}").status_code == 404
