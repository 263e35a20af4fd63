"""The words and the files of a mail."""

from pathlib import PurePosixPath, PureWindowsPath

from subnotify.delivery.html_texts import html_text
from subnotify.delivery.incoming_mail import Attachment
from subnotify.delivery.mime_headers import decode_octets, decode_words
from subnotify.delivery.mime_parts import Part, read_parts

_LONGEST_PART = 400_000
_LONGEST_TEXT = 100_000
_MOST_ATTACHMENTS = 200
_LONGEST_NAME = 200


def read_text(mail: Part) -> str:
    """The words to be read first: of alternatives the plain ones, if they say anything.

    A mail that only passes another one on has the words of that one.
    """
    return _text(mail, into_mail=False) or _text(mail, into_mail=True)


def text_with_quotes(raw: bytes) -> str:
    """All words of a mail as it came, what it quotes among them, at most 100,000 characters."""
    return read_text(read_parts(raw))


def list_attachments(mail: Part) -> tuple[Attachment, ...]:
    """The files in a mail, a mail passed on among them; nothing is opened or unpacked."""
    found = [
        Attachment(_name(part), part.content_type, part.size)
        for part in mail.walk()
        if _is_attachment(part)
    ]
    return tuple(found[:_MOST_ATTACHMENTS])


def _text(part: Part, *, into_mail: bool) -> str:
    if part.is_mail:
        return "\n\n".join(_text(one, into_mail=True) for one in part.parts) if into_mail else ""
    if not part.parts:
        return _leaf_text(part)
    if part.content_type == "multipart/alternative":
        plain = [one for one in part.parts if one.content_type != "text/html"]
        rest = [one for one in part.parts if one.content_type == "text/html"]
        texts = (_text(one, into_mail=into_mail) for one in (*plain, *rest))
        return next((text for text in texts if text), "")
    first_only = part.content_type in {"multipart/related", "multipart/signed", "multipart/report"}
    parts = part.parts[:1] if first_only else part.parts
    texts = (_text(one, into_mail=into_mail) for one in parts)
    return "\n\n".join(text for text in texts if text)[:_LONGEST_TEXT]


def _leaf_text(part: Part) -> str:
    if not part.content_type.startswith("text/") or _is_attachment(part):
        return ""
    text = decode_octets(part.body(_LONGEST_PART), part.parameters.get("charset", ""))
    if part.content_type == "text/html":
        text = html_text(text)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()[:_LONGEST_TEXT]


def _is_attachment(part: Part) -> bool:
    if part.content_type.startswith("multipart/"):
        return False
    if part.is_mail or not part.content_type.startswith("text/"):
        return True
    return part.disposition[0] == "attachment" or bool(part.file_name)


def _name(part: Part) -> str:
    """The last piece of the name: a stranger's path leads nowhere."""
    name = decode_words(part.file_name)
    if not name and part.is_mail and part.parts:
        name = decode_words(part.parts[0].headers.first("subject"))
    last = PurePosixPath(PureWindowsPath(name).name).name
    return "".join(one for one in last if one.isprintable())[:_LONGEST_NAME]
