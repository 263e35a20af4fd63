"""Header values, charsets, HTML and files as strangers write them."""

import base64

import pytest

from subnotify.delivery.html_texts import html_text
from subnotify.delivery.mime_headers import decode_octets, decode_words, read_value
from subnotify.delivery.mime_parts import DEEPEST, MOST_PARTS, read_parts
from subnotify.delivery.reports import read_instant
from subnotify.rules.words import IncomingKind
from tests.support.incoming import read


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("plain  words", "plain words"),
        ("=?utf-8?Q?R=C3=A9ponse_automatique?=", "Réponse automatique"),
        ("=?UTF-8?B?w4Q=?= =?UTF-8?B?w5Y=?=", "ÄÖ"),
        ("=?utf-8?Q?a_=C3?=\n =?utf-8?Q?=84b?=", "a Äb"),  # a character cut in two
        ("a =?iso-8859-1?q?=E4?= b", "a ä b"),
        ("=?iso-8859-1?q?=E4?= =?utf-8?q?=C3=B6?=", "äö"),
        ("=?utf-8*fr?Q?=C3=A9?=", "é"),  # RFC 2231, 5
        ("=?x-unknown?q?=E4?=", "ä"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?b?!?=", ""),
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
    ],
)
def test_encoded_words_are_read(written: str, text: str) -> None:
    assert decode_words(written) == text


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('attachment; filename="a b.pdf"', "a b.pdf"),
        ("attachment; filename=a.pdf", "a.pdf"),
        ('attachment; filename="a;b\\"c.pdf"', 'a;b"c.pdf'),
        ("attachment; filename*=utf-8''d%C3%A9j%C3%A0.pdf", "déjà.pdf"),
        ("attachment; filename*0*=utf-8''d%C3%A9; filename*1=ja.pdf", "déja.pdf"),
        ("attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
    ],
)
def test_names_of_files_are_read(written: str, name: str) -> None:
    assert read_value(written)[1]["filename"] == name


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\Windows\\passwd", "a/b/passwd"])
def test_a_path_in_a_name_leads_nowhere(name: str) -> None:
    raw = f'From: a@b.c\r\nContent-Type: application/x; name="{name}"\r\n\r\nx'
    assert [one.name for one in read(raw.replace("\\", "\\\\").encode()).attachments] == ["passwd"]


@pytest.mark.parametrize(
    ("octets", "charset", "text"),
    [
        ("é".encode(), "utf-8", "é"),
        ("é".encode("latin-1"), "utf-8", "é"),
        ("é".encode(), "us-ascii", "é"),
        ("é".encode("cp1252"), "nonsense", "é"),
        ("é".encode("utf-16"), "utf-16", "é"),
        (b"a\0b", "utf-8", "ab"),
        (b"abc", "unicode_escape", "abc"),
        (b"abc", "hex", "abc"),
        (b"abc", "idna", "abc"),
    ],
)
def test_a_wrong_charset_is_survived(octets: bytes, charset: str, text: str) -> None:
    assert decode_octets(octets, charset) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("a &amp; b&nbsp;c &eacute;", "a & b c é"),
        ("<head><title>T</title></head><body>B</body>", "B"),
        ("<head><p>B", "B"),
        ("<!-- a --><p>B", "B"),
        ("<style>x</style><script>y</script>B", "B"),
        ("<blockquote>q<div>r</div></blockquote>o", "> q\n> r\n\no"),
        ("<pre>a\nb</pre>", "a\nb"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
    ],
)
def test_html_becomes_words(markup: str, text: str) -> None:
    assert html_text(markup).replace("\n\n\n", "\n\n") == text


@pytest.mark.parametrize("count", [0, 1, 2, 3, 57, 58, 1000])
def test_the_size_of_a_file_is_that_of_its_octets(count: int) -> None:
    encoded = base64.encodebytes(b"x" * count).decode()
    raw = f"A: b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n{encoded}"
    assert [one.size for one in read(raw.encode()).attachments] == [count]


def test_no_deeper_and_no_more_parts_than_the_limits() -> None:
    many = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * (MOST_PARTS * 2)
    assert len(list(read_parts(many).walk())) <= MOST_PARTS + 1
    part, depth = read_parts(b"Content-Type: message/rfc822\n\n" * 100), 0
    while part.parts:
        part, depth = part.parts[0], depth + 1
    assert depth == DEEPEST


def test_a_mail_without_words_says_so_to_the_person_who_must_read_it() -> None:
    raw = b"From: a@b.c\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nx"
    mail = read(raw)
    assert mail.kind is IncomingKind.REPLY
    assert "encrypted" in mail.reason


def test_what_is_attached_as_text_is_a_file() -> None:
    raw = (
        b"From: a@b.c\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\n\r\nWords.\r\n"
        b"--x\r\nContent-Type: text/plain; name=letter.txt\r\n\r\nWe object.\r\n--x--\r\n"
    )
    mail = read(raw)
    assert (mail.text, [one.name for one in mail.attachments]) == ("Words.", ["letter.txt"])


def test_a_zone_that_is_not_told_is_no_zone_but_minus_zero_is_utc() -> None:
    assert read_instant("Mon, 2 Nov 2026 09:00:00") is None
    found = read_instant("Mon, 2 Nov 2026 09:00:00 -0000")
    assert found is not None
    assert found.isoformat() == "2026-11-02T09:00:00+00:00"
