"""Letters as legal and the printer deal with them: batches, the printer's list, single events."""

import csv
import io
from collections.abc import Mapping
from datetime import date

from playwright.sync_api import FilePayload

from tests.journeys.people import Operator, Person
from tests.support.read_pdfs import ReadPdf, read_pdf

Row = dict[str, str]
POST = "3 place Ducale; 08000 CHARLEVILLE-MÉZIÈRES"


def downloaded(person: Person, text: str) -> bytes:
    """The file behind a link of this page."""
    link = person.page.get_by_role("link", name=person.say(text)).first
    address = link.get_attribute("href")
    assert address is not None
    answer = person.context.request.get(person.vendor.address + address)
    assert answer.ok, answer.status
    return answer.body()


def open_batch(legal: Operator) -> None:
    """The batch that was prepared last."""
    legal.go_to("Letters")
    keys = legal.page.get_by_role("rowheader").filter(has_text="L-0")
    legal.follow_in(keys.first)


def open_letter(legal: Operator, client: str) -> None:
    """A letter of the newest batch."""
    open_batch(legal)
    legal.follow_in(legal.page.get_by_role("rowheader").filter(has_text=client).first)


def read_batch(legal: Operator) -> tuple[ReadPdf, list[Row]]:
    """What the printer gets with the newest batch: all pages, and the manifest."""
    open_batch(legal)
    pages = read_pdf(downloaded(legal, "All letters in one PDF"))
    manifest = downloaded(legal, "Manifest as CSV").decode("utf-8-sig")
    return pages, list(csv.DictReader(io.StringIO(manifest)))


def hand_over(legal: Operator) -> None:
    """The newest batch goes to the printer."""
    open_batch(legal)
    legal.follow("Hand over")
    legal.press("It is handed over")
    legal.sees("The batch is handed over.")


def filled_in(manifest: list[Row], *told: tuple[str, str], number: str = "") -> bytes:
    """The manifest as the printer sends it back: each event of every letter, a line for each."""
    out = io.StringIO()
    writer = csv.DictWriter(out, manifest[0].keys())
    writer.writeheader()
    for row in manifest:
        for event, on in told:
            writer.writerow(row | {"event": event, "on": on, "proof_number": number})
    return out.getvalue().encode()


def send_back(legal: Operator, content: bytes, *, new: bool = True) -> None:
    """Upload the printer's list, check what it says, and record it."""
    legal.go_to("Letters")
    legal.follow("Enter events from a file")
    choose_file(legal, "File", FilePayload(name="back.csv", mimeType="text/csv", buffer=content))
    legal.press("Show what it records")
    if not new:
        legal.sees("Nothing new")
        return
    legal.press("Record exactly this")
    assert "recorded" in legal.text


def tell_event(legal: Operator, client: str, kind: str, on: date, *, number: str = "") -> None:
    """Enter on the desk what became of a letter of the newest batch."""
    open_letter(legal, client)
    legal.follow("Enter what happened")
    legal.choose(kind)
    given: Mapping[str, str] = {"Day": on.isoformat()}
    legal.fill({**given, **({"Number of the registered letter": number} if number else {})})
    legal.press("Continue")
    legal.press("Record exactly this")
    legal.sees("It is recorded.")


def choose_file(person: Person, field: str, file: FilePayload) -> None:
    person.page.get_by_label(person.say(field)).first.set_input_files(file)
