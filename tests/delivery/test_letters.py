"""Letters as files: archivable, tagged, with their fonts, the same bytes again."""

from datetime import UTC, datetime

import pytest

from subnotify.delivery.letters import (
    LetterNotSet,
    LetterText,
    SetLetter,
    SharedPart,
    draw_letter,
    set_letters,
)
from subnotify.delivery.printable import printable
from tests.support.paper import ADDRESS, LINK, letter_text, placed_texts, shared_part
from tests.support.read_pdfs import read_pdf

AT = datetime(2026, 3, 2, 8, 30, 15, 999, tzinfo=UTC)

HOSTILE = (
    '#panic() #eval("1") #set page(width: 1pt)',
    "$x^2$ *bold* _it_ `raw` @label <label> = heading - item",
    "\\u{41} \\ // comment /* not one */ ~ -- --- ... 'x' \"y\"",
    "}} ] ) ( 12 0 R ) ((3 0 R)) endobj stream >> << /Type/Page",
    "gnp.exe\u202egpj\u202c \u2066x\u2069 zero\u200bwidth soft\u00adhyphen",
    "W" * 600,
    "中文公司 日本語 한국어 👍🏽 \U0001f1eb\U0001f1f7 لغة हिन्दी",
    "e\u0301te\u0301 Zoe\u0308 q\u0323\u0307 \u0301\u0301\u0301",
    "Ещё Ελλάδα Ġġ Ŵŵ ẞ ﬁ ½ ‰ № € ₿ → ☐",
    "line\nbreak\ttab\r\nreturn \x07 \x00 \ud800 \ufffe",
    "{number} {total} %(client)s {{ link }} {% raw %}",
    "",
    " ",
)


def one(letter: LetterText, at: datetime = AT) -> SetLetter:
    return next(iter(set_letters([letter], at=at)))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_letter_is_archivable_tagged_and_carries_its_fonts(language: str) -> None:
    made = one(letter_text(shared_part(language)))
    read = read_pdf(made.pdf)
    assert made.pages == len(read.pages) == 2
    assert "<pdfaid:part>2</pdfaid:part>" in read.xmp
    assert "<pdfaid:conformance>U</pdfaid:conformance>" in read.xmp
    assert read.has_output_intent
    assert read.language == language
    assert read.reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert {"/H1", "/H2", "/P", "/L", "/LI", "/Table", "/TH", "/TD", "/BlockQuote"} <= {*read.tags}
    assert len(read.fonts) >= 3
    assert all(is_embedded for _, is_embedded in read.fonts)
    assert read.reader.metadata is not None
    assert read.reader.metadata.title == "Title of Acme"


def test_pages_are_numbered_in_words_and_by_labels() -> None:
    blocks = [*shared_part().data["blocks"]] * 8
    made = one(letter_text(shared_part(blocks=blocks)))
    read = read_pdf(made.pdf)
    assert made.pages == len(read.pages) > 3
    for number, page in enumerate(read.pages, start=1):
        assert f"Page {number} of {made.pages}" in page
    assert read.reader.page_labels == [str(n) for n in range(1, made.pages + 1)]


def test_the_same_letter_is_the_same_bytes_again() -> None:
    letter = letter_text()
    assert one(letter).pdf == one(letter_text()).pdf
    assert one(letter).pdf == list(set_letters([letter_text(word="Beta"), letter], at=AT))[1].pdf
    assert one(letter, AT.replace(minute=31)).pdf != one(letter).pdf
    assert one(letter_text(word="Acm")).pdf != one(letter).pdf


@pytest.mark.parametrize("word", HOSTILE)
def test_no_text_is_read_as_markup_or_keeps_a_letter_back(word: str) -> None:
    address = (word, "12 rue des Exemples", "75011 PARIS")
    made = one(letter_text(shared_part(word=word), address, word=word))
    text = "".join(read_pdf(made.pdf).text.split())
    assert text.count("".join(printable(word).split())) >= 12
    assert LINK in text
    assert "75011PARIS" in text
    assert made.has_missing == any(x in word for x in "中\ud800\u0323")


def test_letters_of_every_language_in_europe_are_shown() -> None:
    said = "Åse Ørsted Ślązak Ştefan Țară Őrség Þór Œuvre Ћирилица Ελλάδα Երևան ქართული"
    made = one(letter_text(shared_part(word=said), word=said))
    assert not made.has_missing
    assert "".join(said.split()) in "".join(read_pdf(made.pdf).text.split())


def test_a_direction_mark_is_left_out() -> None:
    made = one(letter_text(word="gnp.exe\u202egpj"))
    assert "Client: gnp.exegpj" in read_pdf(made.pdf).text


def test_the_page_sent_back_may_be_a_letter_with_both_addresses() -> None:
    page = {"kind": "letter", "address": ["Vendor SA", "75011 PARIS"], "blocks": []}
    made = one(letter_text(shared_part(answers=[page])))
    placed = {x.text: x for x in placed_texts(made.pdf, made.pages - 1)}
    assert placed["Vendor SA"].x == pytest.approx(103, abs=0.1)
    assert placed["Acme"].x == pytest.approx(25, abs=0.1)


def test_the_letter_of_the_client_carries_no_mark_of_ours() -> None:
    own = [{"kind": "room", "lines": 12}] * 3
    page = {"kind": "letter", "address": ["Vendor SA", "75011 PARIS"], "blocks": []}
    made = one(letter_text(shared_part(answers=[page])))
    *notice, alone = read_pdf(made.pdf).pages
    assert [f"Page {n} of {len(notice)}" in text for n, text in enumerate(notice, 1)] == [
        True for _ in notice
    ]
    assert "Page" not in alone
    assert letter_text().own["foot"] not in alone
    long = one(letter_text(shared_part(answers=[{**page, "blocks": own}])))
    first, second = read_pdf(long.pdf).pages[-2:]
    assert "Page 1 of 2" in first
    assert "Page 2 of 2" in second
    assert letter_text().own["foot"] not in first + second


def test_a_slip_is_a_page_of_the_notice() -> None:
    page = {"kind": "slip", "blocks": []}
    made = one(letter_text(shared_part(answers=[page])))
    last = read_pdf(made.pdf).pages[-1]
    assert f"Page {made.pages} of {made.pages}" in last
    assert letter_text().own["foot"] in last


def test_a_letter_that_typst_refuses_is_named() -> None:
    broken = SharedPart({**shared_part().data, "blocks": [{"kind": "unknown"}]})
    letters = set_letters([letter_text(), letter_text(broken)], at=AT)
    next(letters)
    with pytest.raises(LetterNotSet, match="no such block") as refused:
        next(letters)
    assert refused.value.number == 1


def test_a_letter_can_be_looked_at() -> None:
    pages = draw_letter(letter_text(), at=AT, ppi=40)
    assert len(pages) == 2
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_nothing_but_the_address_stands_where_the_window_may_be() -> None:
    """A sheet may lie 11 mm lower or 10 mm more to the right than another in the envelope."""
    long = shared_part(sender=[["A very long name of a vendor " * 3], ["12 rue des Exemples"] * 6])
    placed = placed_texts(one(letter_text(long)).pdf)
    seen = [x for x in placed if 90 < x.x < 200 and 34 < x.y < 91]
    assert [x.text for x in seen] == [*ADDRESS]
