"""Several PDF files of typst as one, page after page, still tagged and PDF/A-2u.

The pages, their text and their tags are taken over as they are. What a file has once is written
anew: the page tree, the page labels, the root of the tags, the metadata.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from xml.sax.saxutils import escape

from subnotify.delivery.pdf_files import PdfFile, read_pdf, renumbered

_HEADER = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n"
# Objects that are written anew; those of the files come after them.
_PAGES, _LABELS, _TAGS, _INFO, _METADATA, _CATALOG = range(1, 7)
# What stands before and after each fact of the XMP that is not the same for the whole.
_IN_METADATA = {
    "title": ('<rdf:li xml:lang="x-default">', "</rdf:li></rdf:Alt></dc:title>"),
    "languages": ("<dc:language><rdf:Bag>", "</rdf:Bag>"),
    "pages": ("<xmpTPg:NPages>", "<"),
    "source": ("<stEvt:instanceID>", "<"),
    "instance": ("<xmpMM:InstanceID>", "<"),
    "document": ("<xmpMM:DocumentID>", "<"),
}
_CELLS = (b"<</Type/StructElem/S/TH", b"<</Type/StructElem/S/TD")
_CELL_ID = re.compile(rb"\((U\d+x\d+y\d+)\)")


def merge_pdfs(files: Sequence[bytes], *, title: str) -> bytes:
    """The pages of all files, in order; the same files give the same bytes.

    title: of the whole, for readers of PDF. Raises NotMergeable; ValueError without files.
    """
    merged = _Merged()
    for file in files:
        merged.add(read_pdf(file))
    if merged.first is None:
        raise ValueError("nothing to merge")
    identity = base64.b64encode(_digest([*files, title.encode()]))
    return _written([*_roots(merged, merged.first, title, identity), *merged.bodies], identity)


@dataclass
class _Merged:
    """What is there of the merged file so far; all numbers are those of its own objects."""

    bodies: list[tuple[int, bytes]] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    labels: list[tuple[int, int]] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)
    parents: list[tuple[int, int]] = field(default_factory=list)
    names: list[tuple[bytes, int]] = field(default_factory=list)
    languages: list[bytes] = field(default_factory=list)
    first: PdfFile | None = None
    intents: int = 0

    def add(self, file: PdfFile) -> None:
        before = self.bodies[-1][0] if self.bodies else _CATALOG
        pages_before, place = len(self.pages), len(self.languages)
        once = {file.catalog, file.info, file.page_tree, file.page_labels, file.metadata}
        once.add(file.tag_root)
        if self.first is None:
            self.first, self.intents = file, file.intents + before
        else:
            once |= file.parts_of_intents()
        roots = {file.page_tree: _PAGES, file.tag_root: _TAGS}

        def renumber(number: int) -> int:
            return roots.get(number) or number + before

        kept = sorted(set(file.objects) - once)
        bodies = [self._body(file, number) for number in kept]
        self.bodies += zip(map(renumber, kept), renumbered(bodies, renumber), strict=True)
        self.pages += map(renumber, file.pages)
        self.documents += map(renumber, file.documents)
        self.labels += [(page + pages_before, renumber(at)) for page, at in file.labels]
        self.parents += [(page + pages_before, renumber(at)) for page, at in file.parents]
        self.names += [(_unique(name, place), renumber(at)) for name, at in file.names]
        self.languages.append(file.language)

    def _body(self, file: PdfFile, number: int) -> bytes:
        """An object of the file that is added, as the merged file has it."""
        body = file.objects[number]
        if number in file.pages:
            return _page(body, len(self.pages))
        if number in file.documents:
            return _document(body, file.language)
        if file.names and body.startswith(_CELLS):
            place = len(self.languages)
            return _CELL_ID.sub(lambda found: b"(%s)" % _unique(found[1], place), body)
        return body


def _page(body: bytes, pages_before: int) -> bytes:
    """Its tags are found by its number in the whole file."""
    return re.sub(
        rb"/StructParents (\d+)",
        lambda found: b"/StructParents %d" % (int(found[1]) + pages_before),
        body,
        count=1,
    )


def _document(body: bytes, language: bytes) -> bytes:
    """The topmost tag of a file says its language, which the whole may not have."""
    if b"/Lang(" in body:
        return body
    return body.replace(b"/S/Document", b"/S/Document/Lang(%s)" % language, 1)


def _unique(name: bytes, place: int) -> bytes:
    """Cells of tables are named within a file only."""
    return b"F%d%s" % (place, name)


def _roots(merged: _Merged, first: PdfFile, title: str, identity: bytes) -> list[tuple[int, bytes]]:
    tags = first.objects[first.tag_root]
    role_map = re.search(rb"/RoleMap<<[^>]*>>", tags)
    names = b"".join(b"(%s)%d 0 R" % one for one in sorted(merged.names))
    catalog = first.objects[first.catalog]
    for number, anew in (
        (first.page_tree, _PAGES),
        (first.page_labels, _LABELS),
        (first.tag_root, _TAGS),
        (first.metadata, _METADATA),
        (first.intents, merged.intents),
    ):
        catalog = re.sub(rb" %d 0 R" % number, b" @%d 0 R" % anew, catalog)
    return [
        (_PAGES, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(merged.pages), _list(merged.pages))),
        (_LABELS, b"<</Nums[%s]>>" % _numbered(merged.labels)),
        (
            _TAGS,
            b"<</Type/StructTreeRoot%s/K[%s]/ParentTree<</Nums[%s]>>%s/ParentTreeNextKey %d>>"
            % (
                role_map[0] if role_map else b"",
                _list(merged.documents),
                _numbered(merged.parents),
                b"/IDTree<</Names[%s]>>" % names if names else b"",
                len(merged.pages),
            ),
        ),
        (_INFO, _info(first.objects[first.info], title)),
        (_METADATA, _metadata(first.objects[first.metadata], merged, title, identity.decode())),
        (_CATALOG, catalog.replace(b" @", b" ")),
    ]


def _info(body: bytes, title: str) -> bytes:
    """The dates and the program are those of the first file, which are the same in all."""
    written = b"/Title<%s>" % (b"\xfe\xff" + title.encode("utf-16-be")).hex().encode()
    dates = re.sub(rb"/Title(?:\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]*>)", b"", body, flags=re.S)
    kept = dates[dates.index(b"/Creator(") :]
    return b"<<" + written + kept


def _metadata(body: bytes, merged: _Merged, title: str, identity: str) -> bytes:
    """XMP of the first file with the title, the languages and the pages of the whole."""
    _, _, stream = body.partition(b"\nstream\n")
    xmp = stream.rpartition(b"\nendstream")[0].decode()
    languages = "".join(
        f"<rdf:li>{one.decode()}</rdf:li>" for one in dict.fromkeys(merged.languages)
    )
    for name, said in (
        ("title", escape(title)),
        ("languages", languages),
        ("pages", str(len(merged.pages))),
        ("source", f"{identity}_source"),
        ("instance", identity),
        ("document", identity),
    ):
        before, after = _IN_METADATA[name]
        xmp = re.sub(f"(?<={before}).*?(?={after})", said.replace("\\", r"\\"), xmp, flags=re.S)
    octets = xmp.encode()
    head = b"<</Length %d/Type/Metadata/Subtype/XML>>" % len(octets)
    return head + b"\nstream\n" + octets + b"\nendstream"


def _written(bodies: Sequence[tuple[int, bytes]], identity: bytes) -> bytes:
    """Header, objects, cross-references and trailer."""
    out, places = BytesIO(), {}
    out.write(_HEADER)
    for number, body in bodies:
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    at, size = out.tell(), max(places) + 1
    # Numbers that no object has stay free.
    lines = [
        b"%010d 00000 n\r\n" % places[number] if number in places else b"0000000000 65535 f\r\n"
        for number in range(size)
    ]
    out.write(
        b"xref\n0 %d\n%strailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[(%s)(%s)]>>\nstartxref\n%d"
        b"\n%%%%EOF" % (size, b"".join(lines), size, _CATALOG, _INFO, identity, identity, at)
    )
    return out.getvalue()


def _digest(parts: Iterable[bytes]) -> bytes:
    """Names the file, as PDF wants it: no secret depends on it."""
    digest = hashlib.md5(usedforsecurity=False)
    for part in parts:
        digest.update(part)
    return digest.digest()


def _list(numbers: Sequence[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)


def _numbered(pairs: Sequence[tuple[int, int]]) -> bytes:
    return b" ".join(b"%d %d 0 R" % pair for pair in pairs)
