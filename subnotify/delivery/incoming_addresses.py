"""Who wrote an incoming mail, and which of our tagged addresses it came to."""

import re
from collections.abc import Collection, Iterator, Sequence

from subnotify.delivery.mail_tags import ForgedTag, MailTag, read_tag
from subnotify.delivery.mime_headers import Headers, decode_words
from subnotify.delivery.sealing import SealKey
from subnotify.rules.words import TagStanding

# Of these, the first are written by our own server.
_RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "to", "cc", "resent-to")
_BETWEEN_ADDRESSES = re.compile(r'[\s<>,;:"()\[\]]+')
_NAMED = re.compile(r"([^<>]{1,300})<([^<>\s@]{1,64}@[^<>\s@]{1,253})>")
_LONGEST_ADDRESS = 254
_LONGEST_NAME = 200
_COMMENT = re.compile(r"\(([^()]*)\)")


def read_tags(
    headers: Headers,
    return_address: str | None,
    keys: Sequence[SealKey],
    envelope_recipient: str | None,
) -> tuple[TagStanding, MailTag | None]:
    """The signed tag of the address that the mail came to: a valid one anywhere wins.

    Forged: there is a tag, and none of them is ours. Missing: no address has one.
    """
    standing = TagStanding.MISSING
    if return_address is None:
        return standing, None
    for address in _recipients(headers, envelope_recipient):
        try:
            tag = read_tag(address, return_address, keys)
        except ForgedTag:
            standing = TagStanding.FORGED
            continue
        if tag is not None:
            return TagStanding.VALID, tag
    return standing, None


def read_sender(headers: Headers) -> tuple[str, str]:
    """Name and address of the first mailbox in From; empty where there is none."""
    value = headers.first("from")[:2_000]
    before, opened, rest = value.rpartition("<")
    if opened:
        name, address = before, rest.partition(">")[0]
    else:
        comment = _COMMENT.search(value)
        name = comment[1] if comment else ""
        address = next((one for one in _addresses(value)), "")
    name = decode_words(name).strip("\"' ,")
    return name[:_LONGEST_NAME], "".join(address.split())[:_LONGEST_ADDRESS]


def list_own_names(headers: Headers, own_addresses: Collection[str]) -> set[str]:
    """What an answer calls us: the names beside our addresses in To and Cc."""
    own = {base_address(one) for one in own_addresses}
    names = set()
    for value in (*headers.list_all("to"), *headers.list_all("cc")):
        for name, address in _NAMED.findall(value):
            if base_address(address) in own:
                names.add(decode_words(name).strip("\"' ,"))
    return names - {""}


def base_address(address: str) -> str:
    """An address in small letters without its subaddress: name+tag@domain is name@domain."""
    local, _, domain = address.casefold().strip().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def list_addresses(text: str) -> list[str]:
    """What looks like an address in a line of text, in its order."""
    return list(_addresses(text))


def _recipients(headers: Headers, envelope_recipient: str | None) -> Iterator[str]:
    if envelope_recipient:
        yield envelope_recipient.strip().strip("<>")
    for name in _RECIPIENT_FIELDS:
        for value in headers.list_all(name):
            yield from _addresses(value)


def _addresses(value: str) -> Iterator[str]:
    for word in _BETWEEN_ADDRESSES.split(value):
        if 0 < word.find("@") < len(word) - 1:
            yield word
