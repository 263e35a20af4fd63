"""Kinds of files by their first bytes, and the names under which they are kept."""

import pytest

from subnotify.rules.document_files import DocumentKind, find_document_kind, safe_file_name


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", DocumentKind.PDF),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", DocumentKind.JPEG),
        (b"\x89PNG\r\n\x1a\n\x00", DocumentKind.PNG),
        (b"II*\x00\x08", DocumentKind.TIFF),
        (b"MM\x00*\x00", DocumentKind.TIFF),
        (b"<html><script>alert(1)</script>%PDF-1.7", None),
        (b"\n%PDF-1.7", None),
        (b"GIF89a", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
        (b"PK\x03\x04", None),
        (b"MZ", None),
        (b"%PDF", None),
        (b"", None),
    ],
)
def test_the_first_bytes_decide(octets: bytes, kind: DocumentKind | None) -> None:
    assert find_document_kind(octets) is kind


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("letter.pdf", "letter.pdf"),
        ("letter.exe", "letter.pdf"),
        ("letter", "letter.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\scans\\Lettre du 3 mars.PDF", "Lettre du 3 mars.pdf"),
        ("Résiliation – Mairie.pdf", "Résiliation – Mairie.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie x.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ('"><script>alert(1)<.pdf', "script alert(1).pdf"),
        (".htaccess", "letter-7.pdf"),
        ("...", "letter-7.pdf"),
        ("", "letter-7.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_name_holds_no_path_and_ends_as_its_kind(given: str, name: str) -> None:
    assert safe_file_name(given, DocumentKind.PDF, fallback="letter-7") == name
