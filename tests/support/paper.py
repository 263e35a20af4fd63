"""Letters as sheets of paper: where words stand on them, and letters to set."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from subnotify.delivery.letters import LetterText, SharedPart
from subnotify.wording import letter_blocks as blocks
from subnotify.wording.change_facts import FactRow

_MILLIMETRES = 25.4 / 72
A4_HEIGHT = 297.0
LINK = "https://list.vendor.example/n/eW91IGFyZSByZWFkaW5nIGEgdGVzdCBsZXR0ZXI"
ADDRESS = ("Acme SARL", "Élodie Lefèvre", "320 avenue du Prado", "13008 MARSEILLE")


@dataclass(frozen=True)
class PlacedText:
    """A run of words: its left end and its base line, in millimetres from the upper left corner."""

    text: str
    x: float
    y: float
    size: float
    font: str


def placed_texts(pdf: bytes, page: int = 0) -> list[PlacedText]:
    found: list[PlacedText] = []

    def visit(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append(
                PlacedText(
                    text.strip(),
                    x * _MILLIMETRES,
                    A4_HEIGHT - y * _MILLIMETRES,
                    size,
                    str(font["/BaseFont"]) if font else "",
                )
            )

    PdfReader(BytesIO(pdf)).pages[page].extract_text(visitor_text=visit)
    return found


def shared_part(language: str = "en", word: str = "Words", **changed: Any) -> SharedPart:
    """A letter with every kind of block, on two pages; `word` stands in each of them."""
    rows = [FactRow(f"{word} row", (word, "second"), (f"old {word}",), is_changed=True)]
    return SharedPart(
        {
            "language": language,
            "title": f"Title {word}",
            "sender": [[f"Sender {word}", "12 rue des Exemples"], [word]],
            "blocks": [
                blocks.heading(word),
                blocks.text(word),
                blocks.strong(word),
                blocks.soft(word),
                blocks.quote(word),
                blocks.items([word, "second"]),
                blocks.link(word, [word], word),
                blocks.facts(rows),
                blocks.facts(rows, (word, "Now", "Then")),
            ],
            "answers": [
                {
                    "kind": "slip",
                    "blocks": [
                        blocks.title(word),
                        blocks.own("slip"),
                        blocks.postal([word, "75011 Paris"]),
                        blocks.boxes([word, "second"]),
                        blocks.fields([word, "Signature"]),
                        blocks.room(2),
                    ],
                }
            ],
            "page-words": "Page {number} of {total}",
            **changed,
        }
    )


def letter_text(
    shared: SharedPart | None = None, address: tuple[str, ...] = ADDRESS, word: str = "Acme"
) -> LetterText:
    return LetterText(
        shared=shared or shared_part(),
        address=address,
        own={
            "mention": word,
            "place-and-date": "Paris, 2 March 2026",
            "references": [f"Client: {word}", "Reference: 2026-003-00001"],
            "link": LINK,
            "foot": f"{word} · 2026-003-00001",
            "slip": [f"Slip: S-{word}"],
            "sender-lines": [word, "1 street"],
            "letter-references": [word],
        },
        title=f"Title of {word}",
    )
