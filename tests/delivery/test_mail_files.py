"""The files of a mail that somebody else wrote: what is found, and under which names."""

import base64
import random
from email.message import EmailMessage

import pytest

from subnotify.delivery.mail_files import LONGEST_NAME, MOST_FILES, list_files, safe_file_name


def mail_with(*files: tuple[str, bytes, str]) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "dpo@client.example"
    mail.set_content("Please see the letter.")
    mail.add_alternative("<p>Please see the letter.</p>", subtype="html")
    for name, octets, content_type in files:
        maintype, _, subtype = content_type.partition("/")
        mail.add_attachment(octets, maintype=maintype, subtype=subtype, filename=name)
    return mail


def part(headers: str, body: bytes = b"x") -> bytes:
    return (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n"
        + headers.encode()
        + b"\r\n\r\n"
        + body
        + b"\r\n--B--\r\n"
    )


def test_files_are_found_with_their_bytes_and_the_words_are_not():
    raw = mail_with(
        ("Lettre signée.pdf", b"%PDF-1.7 \x00\xff", "application/pdf"),
        ("scan.html", b"<script>alert(1)</script>", "text/html"),
    ).as_bytes()
    files = list_files(raw)
    assert [(x.number, x.name, x.content_type) for x in files] == [
        (1, "Lettre signée.pdf", "application/pdf"),
        (2, "scan.html", "text/html"),
    ]
    assert files[0].octets == b"%PDF-1.7 \x00\xff"
    assert files[0].size == 11


def test_a_mail_within_a_mail_is_one_file():
    inner = mail_with(("inner.pdf", b"%PDF", "application/pdf"))
    outer = EmailMessage()
    outer.set_content("forwarded")
    outer.add_attachment(inner)
    (only,) = list_files(outer.as_bytes())
    assert only.content_type == "message/rfc822"
    assert only.name == "mail-1.eml"
    assert b"inner.pdf" in only.octets


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\a.dll", "a.dll"),
        ("C:evil.exe", "evil.exe"),
        ("/etc/cron.d/x", "x"),
        ("a\x00.pdf", ".pdf".strip(".")),
        ("annexe\u202efdp.exe", "annexefdp.exe"),
        ("zero\u200bwidth.pdf", "zerowidth.pdf"),
        ("a\r\nSet-Cookie: x=1", "x=1"),
        ("a\r\nb.pdf", "ab.pdf"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("", "file"),
        ("CON", "file"),
        ("nul.txt", "file"),
        ('say "hi"<b>?.pdf', "say hib.pdf"),
        ("  spaced   out .pdf ", "spaced out .pdf"),
        ("Réponse à l’avis.pdf", "Réponse à l’avis.pdf"),
    ],
)
def test_names_are_never_paths_and_show_all_they_hold(given, shown):
    assert safe_file_name(given, "file") == shown


def test_a_long_name_keeps_its_ending():
    name = safe_file_name("a" * 500 + ".pdf", "file")
    assert len(name) == LONGEST_NAME and name.endswith(".pdf")
    assert len(safe_file_name("a" * 500 + "." + "b" * 300, "file")) == LONGEST_NAME


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ('Content-Disposition: attachment; filename="=?utf-8?q?a=0D=0ABcc:_x?="', "x"),
        ('Content-Disposition: attachment; filename="=?utf-8?b?////?="', "���"),
        ('Content-Disposition: attachment; filename="=?nonsense?q?x?="', "file-1"),
        ("Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fx.pdf", "x.pdf"),
        ("Content-Disposition: attachment; filename*=nonsense''x", "x"),
        ("Content-Disposition: attachment; filename*0=a; filename*1=b.pdf", "ab.pdf"),
        ("Content-Type: application/pdf; name=../y.pdf", "y.pdf"),
        ("Content-Type: application/octet-stream", "file-1"),
        ("Content-Type: ;;;=\r\nContent-Disposition: attachment", "file-1"),
    ],
)
def test_odd_headers_give_a_harmless_name(headers, name):
    (only,) = list_files(part(headers))
    if name != "���":
        assert only.name == name
    assert "/" not in only.name and "\n" not in only.name


def test_a_declared_type_is_a_plain_word_or_nothing():
    (only,) = list_files(part('Content-Type: application/"><script>; name=a.bin'))
    assert only.content_type in ("", "text/plain")


def test_what_is_no_mail_has_no_files():
    for raw in (b"", b"\x00" * 1000, b"no header at all", b"Content-Type: multipart/mixed\n\nx"):
        assert list_files(raw) == []


def test_thousands_of_parts_and_depth_end():
    many = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n"
    many += b"--B\nContent-Type: application/x\n\nx\n" * 5_000 + b"--B--\n"
    assert len(list_files(many)) == MOST_FILES
    deep = b""
    for level in range(3_000):
        deep += b"Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n" % (level, level)
    assert list_files(deep) == []


def test_broken_base64_is_still_a_file():
    raw = part(
        "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64",
        base64.b64encode(b"%PDF-1.7")[:-3] + b"!!",
    )
    (only,) = list_files(raw)
    assert only.name == "a.pdf"


def test_damaged_mails_never_raise():
    raw = mail_with(("a.pdf", b"%PDF" * 50, "application/pdf")).as_bytes()
    chance = random.Random(5)
    for _ in range(1_000):
        damaged = bytearray(raw)
        for _ in range(chance.randrange(1, 30)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        for one in list_files(bytes(damaged[: chance.randrange(len(damaged))])):
            assert one.name and "/" not in one.name
