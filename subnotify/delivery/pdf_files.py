"""A PDF file of typst taken apart into its objects.

Only for files as typst writes them: one section of cross-references, no compressed objects, no
bookmarks, one list of page labels, one root of tags. Anything else raises NotMergeable.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_TRAILER = re.compile(
    rb"xref\n0 \d+\n(.*)trailer\n<<.*/Root (\d+) 0 R/Info (\d+) 0 R.*>>\nstartxref\n(\d+)\n%%EOF",
    re.S,
)
_OBJECT = re.compile(rb"(\d+) 0 obj\n")
_REFERENCE = re.compile(rb"(\d+) 0 R")
# Strings are passed over: what they say may look like a reference.
_STRING_OR_REFERENCE = re.compile(rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|(\d+) 0 R", re.S)
# typst writes no control characters into strings.
_BETWEEN = b"\x00\x00"
_PAIR = re.compile(rb"(\d+) (\d+) 0 R")
_NAMED = re.compile(rb"\((U\d+x\d+y\d+)\)(\d+) 0 R")


class NotMergeable(Exception):
    """A file that is not as typst writes it."""


@dataclass(frozen=True)
class PdfFile:
    """objects: their bytes by number. The others are numbers of objects.

    labels and parents: (page, object) pairs; names: of cells of tables, with their tags.
    documents: the topmost tags.
    """

    objects: dict[int, bytes]
    catalog: int
    info: int
    page_tree: int
    page_labels: int
    metadata: int
    intents: int
    tag_root: int
    pages: tuple[int, ...]
    labels: tuple[tuple[int, int], ...]
    documents: tuple[int, ...]
    parents: tuple[tuple[int, int], ...]
    names: tuple[tuple[bytes, int], ...]
    language: bytes

    def parts_of_intents(self) -> set[int]:
        """What describes the colours, which a file has once."""
        found = {self.intents}
        for number in references(self.objects[self.intents]):
            found |= {number, named_reference(self.objects[number], b"DestOutputProfile")}
        return found


def read_pdf(file: bytes) -> PdfFile:
    """Raises NotMergeable."""
    found = _TRAILER.search(file, file.rfind(b"\nxref\n") + 1)
    if found is None:
        raise NotMergeable("no cross-references")
    objects = dict(_objects(file, found[1], int(found[4])))
    number = int(found[2])
    catalog = objects[number]
    if b"/Outlines" in catalog:
        raise NotMergeable("bookmarks")
    tree, labels = named_reference(catalog, b"Pages"), named_reference(catalog, b"PageLabels")
    tag_root = named_reference(catalog, b"StructTreeRoot")
    tags = objects[tag_root]
    language = re.search(rb"/Lang\(([A-Za-z-]+)\)", catalog)
    return PdfFile(
        objects=objects,
        catalog=number,
        info=int(found[3]),
        page_tree=tree,
        page_labels=labels,
        metadata=named_reference(catalog, b"Metadata"),
        intents=named_reference(catalog, b"OutputIntents"),
        tag_root=tag_root,
        pages=tuple(references(_within(objects[tree], b"/Kids["))),
        labels=tuple(_pairs(_within(objects[labels], b"/Nums["))),
        documents=tuple(references(_within(tags, b"/K["))),
        parents=tuple(_pairs(_within(tags, b"/ParentTree<</Nums["))),
        names=tuple(
            (name, int(at)) for name, at in _NAMED.findall(_within(tags, b"/IDTree<</Names["))
        ),
        language=language[1] if language else b"en",
    )


def references(part: bytes) -> list[int]:
    return [int(number) for number in _REFERENCE.findall(part)]


def named_reference(dictionary: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", dictionary)
    if found is None:
        raise NotMergeable(f"no /{name.decode()}")
    return int(found[1])


def renumbered(bodies: Sequence[bytes], renumber: Callable[[int], int]) -> list[bytes]:
    """Objects with every reference put through `renumber`; strings and streams are left alone."""

    def anew(found: re.Match[bytes]) -> bytes:
        return found[0] if found[1] is None else b"%d 0 R" % renumber(int(found[1]))

    parts = [body.partition(b"\nstream\n") for body in bodies]
    # All at once: one by one takes twice as long.
    joined = _STRING_OR_REFERENCE.sub(anew, _BETWEEN.join([part[0] for part in parts]))
    dictionaries = joined.split(_BETWEEN)
    if len(dictionaries) != len(parts):
        raise NotMergeable("a mark of ours stands in the file")
    return [
        dictionary + stream + octets
        for dictionary, (_, stream, octets) in zip(dictionaries, parts, strict=True)
    ]


def _objects(file: bytes, table: bytes, end: int) -> Iterator[tuple[int, bytes]]:
    starts = sorted(int(line[:10]) for line in table.split(b"\r\n") if line.endswith(b" n"))
    for start, following in zip(starts, [*starts[1:], end], strict=True):
        found = _OBJECT.match(file, start)
        stop = file.rfind(b"\nendobj", start, following)
        if found is None or stop < 0:
            raise NotMergeable(f"no object at {start}")
        yield int(found[1]), file[found.end() : stop]


def _within(dictionary: bytes, start: bytes) -> bytes:
    """What stands between a bracket and its end; empty where there is none."""
    return dictionary.partition(start)[2].partition(b"]")[0]


def _pairs(part: bytes) -> list[tuple[int, int]]:
    return [(int(key), int(number)) for key, number in _PAIR.findall(part)]
