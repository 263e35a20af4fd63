"""The file of a batch: the very pages of its letters, one file, archivable and tagged."""

from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from subnotify.delivery.letters import set_letters
from subnotify.delivery.merged_pdfs import merge_pdfs
from subnotify.delivery.pdf_files import NotMergeable
from tests.support.paper import letter_text, shared_part
from tests.support.read_pdfs import ReadPdf, read_pdf

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
NASTY = "( 12 0 R ) (U1x0y0) ) endobj \\ 5 0 R"


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    shared = [shared_part("fr"), shared_part("en"), shared_part("fr", word=NASTY)]
    letters = [letter_text(part, word=f"Client {n}") for n, part in enumerate(shared)]
    return [made.pdf for made in set_letters(letters, at=AT)]


@pytest.fixture(scope="module")
def merged(files: list[bytes]) -> ReadPdf:
    return read_pdf(merge_pdfs(files, title="Lot L-000042 « été » & <b> \\1"))


def test_pages_stand_one_after_the_other_as_they_were(files: list[bytes], merged: ReadPdf) -> None:
    alone = [read_pdf(file) for file in files]
    assert merged.pages == tuple(page for one in alone for page in one.pages)
    contents = [p.get_contents().get_data() for one in alone for p in one.reader.pages]
    assert [p.get_contents().get_data() for p in merged.reader.pages] == contents


def test_every_letter_keeps_its_page_numbers(merged: ReadPdf) -> None:
    assert merged.reader.page_labels == ["1", "2"] * 3
    for number, page in enumerate(merged.pages):
        assert f"Page {number % 2 + 1} of 2" in page


def test_it_is_archivable_tagged_and_says_its_languages(merged: ReadPdf) -> None:
    assert "<pdfaid:part>2</pdfaid:part>" in merged.xmp
    assert "<pdfaid:conformance>U</pdfaid:conformance>" in merged.xmp
    assert "<xmpTPg:NPages>6</xmpTPg:NPages>" in merged.xmp
    assert "<rdf:li>fr</rdf:li><rdf:li>en</rdf:li>" in merged.xmp
    assert merged.has_output_intent
    root = merged.reader.trailer["/Root"]
    assert len(root["/OutputIntents"]) == 1
    assert root["/MarkInfo"]["/Marked"]
    assert all(is_embedded for _, is_embedded in merged.fonts)
    documents = [one.get_object() for one in root["/StructTreeRoot"]["/K"]]
    assert [(one["/S"], one["/Lang"]) for one in documents] == [
        ("/Document", "fr"),
        ("/Document", "en"),
        ("/Document", "fr"),
    ]


def test_its_title_is_plain_text(merged: ReadPdf) -> None:
    metadata = merged.reader.metadata
    assert metadata is not None
    assert metadata.title == "Lot L-000042 « été » & <b> \\1"
    assert "Lot L-000042 « été » &amp; &lt;b&gt; \\1</rdf:li>" in merged.xmp


def test_the_tags_of_a_page_are_found_from_it_and_lie_on_it(merged: ReadPdf) -> None:
    tags = merged.reader.trailer["/Root"]["/StructTreeRoot"]
    nums = tags["/ParentTree"]["/Nums"]
    parents = dict(zip(nums[::2], nums[1::2], strict=True))
    assert sorted(parents) == list(range(6)) == [p["/StructParents"] for p in merged.reader.pages]
    assert tags["/ParentTreeNextKey"] == 6
    for number, page in enumerate(merged.reader.pages):
        for tag in parents[number].get_object():
            lies_on = tag.get_object().get("/Pg")
            assert lies_on is None or lies_on.idnum == page.indirect_reference.idnum


def test_cells_of_tables_keep_names_of_their_own(merged: ReadPdf) -> None:
    names = merged.reader.trailer["/Root"]["/StructTreeRoot"]["/IDTree"]["/Names"]
    keys = names[::2]
    assert len(keys) == len(set(keys)) == 9
    assert keys == sorted(keys)
    for key, cell in zip(keys, names[1::2], strict=True):
        assert cell.get_object()["/ID"] == key
        assert cell.get_object()["/S"] == "/TH"


def test_words_that_look_like_the_file_itself_are_left_alone(
    files: list[bytes], merged: ReadPdf
) -> None:
    def titles(reader: PdfReader) -> list[str]:
        found, waiting = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
        while waiting:
            tag = waiting.pop(0).get_object()
            if isinstance(tag, dict) and "/K" in tag:
                found += [str(tag["/T"])] if "/T" in tag else []
                kids = tag["/K"].get_object()
                waiting += kids if isinstance(kids, list) else [kids]
        return found

    alone = titles(read_pdf(files[2]).reader)
    assert NASTY in " ".join(alone)
    assert titles(merged.reader)[-1] == alone[-1]
    assert NASTY in " ".join(titles(merged.reader))


def test_the_same_files_give_the_same_bytes(files: list[bytes]) -> None:
    assert merge_pdfs(files, title="x") == merge_pdfs(files, title="x")
    assert merge_pdfs(files[:1], title="x") != merge_pdfs(files[1:2], title="x")


def test_other_files_are_refused(files: list[bytes]) -> None:
    with pytest.raises(NotMergeable):
        merge_pdfs([files[0], b"%PDF-1.7\nno file of typst"], title="x")
    with pytest.raises(NotMergeable):
        merge_pdfs([files[0].replace(b"/Type/Catalog", b"/Outlines 1 0 R/Type/Catalog")], title="x")
    with pytest.raises(ValueError, match="nothing"):
        merge_pdfs([], title="x")
