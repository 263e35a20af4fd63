"""What a PDF says of itself, as pypdf reads it."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader


@dataclass(frozen=True)
class ReadPdf:
    """tags: the types of the structure tree, in order. fonts: name and whether it is embedded.
    sizes: of the type, in points, from the smallest."""

    reader: PdfReader
    pages: tuple[str, ...]
    xmp: str
    language: str
    tags: tuple[str, ...]
    fonts: tuple[tuple[str, bool], ...]
    sizes: tuple[float, ...]

    @property
    def text(self) -> str:
        """All pages, each run of white space as one space."""
        return " ".join(" ".join(self.pages).split())

    @property
    def has_output_intent(self) -> bool:
        intents = self.reader.trailer["/Root"]["/OutputIntents"]
        return intents[0].get_object()["/S"] == "/GTS_PDFA1"


def read_pdf(raw: bytes) -> ReadPdf:
    reader = PdfReader(BytesIO(raw), strict=True)
    root: Any = reader.trailer["/Root"]
    return ReadPdf(
        reader=reader,
        pages=tuple(page.extract_text().replace("\u200b", "") for page in reader.pages),
        xmp=root["/Metadata"].get_object().get_data().decode(),
        language=str(root["/Lang"]),
        tags=tuple(_tags(root["/StructTreeRoot"])),
        fonts=tuple(sorted(set(_fonts(reader)))),
        sizes=tuple(sorted(_sizes(reader))),
    )


def _tags(node: Any) -> list[str]:
    node = node.get_object()
    if isinstance(node, list):
        return [tag for kid in node for tag in _tags(kid)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/S"])] if "/S" in node else []
    return own + (_tags(node["/K"]) if "/K" in node else [])


def _fonts(reader: PdfReader) -> list[tuple[str, bool]]:
    found = []
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            for one in font.get_object().get("/DescendantFonts", [font]):
                described: Any = one.get_object()["/FontDescriptor"].get_object()
                is_embedded = any(key in described for key in ("/FontFile2", "/FontFile3"))
                found.append((str(described["/FontName"]), is_embedded))
    return found


def _sizes(reader: PdfReader) -> set[float]:
    found: set[float] = set()

    def note(text: str, place: Any, text_place: Any, _font: Any, size: float) -> None:
        if text.strip():
            found.add(round(size * abs(place[3] * text_place[3]), 1))

    for page in reader.pages:
        page.extract_text(visitor_text=note)
    return found
