"""Read an incoming mail: what it is, which of our mails it is about, what it says.

Pure: bytes in, facts out. What they mean for a notice is decided where the records are.
"""

from collections.abc import Collection, Sequence

from subnotify.delivery.auto_replies import find_automatic
from subnotify.delivery.bounce_shapes import find_bounce, is_from_machine
from subnotify.delivery.incoming_addresses import read_sender, read_tags
from subnotify.delivery.incoming_ids import list_message_ids
from subnotify.delivery.incoming_mail import (
    LONGEST_TEXT,
    IncomingMail,
    Report,
    UnreadableMail,
)
from subnotify.delivery.mail_texts import list_attachments, read_text
from subnotify.delivery.mime_headers import decode_words
from subnotify.delivery.mime_parts import Part, read_parts
from subnotify.delivery.quoted_texts import split_quoted
from subnotify.delivery.reports import find_standard_report, list_returned_headers, read_instant
from subnotify.delivery.sealing import SealKey
from subnotify.rules.words import IncomingKind

__all__ = ["IncomingMail", "Report", "UnreadableMail", "read_incoming"]

_LONGEST_SUBJECT = 1_000


def read_incoming(
    raw: bytes,
    *,
    return_address: str | None,
    own_addresses: Collection[str],
    keys: Sequence[SealKey],
    envelope_recipient: str | None = None,
) -> IncomingMail:
    """What a mail says. Raises `UnreadableMail` for bytes without a single header field.

    `return_address` is the base of the tagged addresses (None: there are none), `own_addresses`
    all that we write from, so that our own words quoted in an answer are known. `keys`: the present
    seal key and those it replaced. `envelope_recipient`: to whom our server took the mail, if it
    says.
    """
    mail = read_parts(raw)
    if not mail.headers.fields:
        raise UnreadableMail("there is no header field in it")
    standing, tag = read_tags(mail.headers, return_address, keys, envelope_recipient)
    own = {*own_addresses, *([return_address] if return_address else [])}
    text, quoted = split_quoted(read_text(mail), own)
    kind, reports, envelope_ids, reason, for_person = _judge(mail, text)
    returned = list_returned_headers(mail) if kind is IncomingKind.REPORT else []
    name, address = read_sender(mail.headers)
    return IncomingMail(
        kind=kind,
        tag_standing=standing,
        tag=tag,
        message_ids=list_message_ids(mail.headers, returned),
        original_envelope_ids=envelope_ids,
        reports=reports,
        from_address=address,
        from_name=name,
        subject=decode_words(mail.headers.first("subject"))[:_LONGEST_SUBJECT],
        text=text[:LONGEST_TEXT],
        quoted=quoted[:LONGEST_TEXT],
        attachments=list_attachments(mail),
        reason=reason,
        for_person=for_person,
        sent_at=read_instant(mail.headers.first("date")),
    )


_Judgement = tuple[IncomingKind, tuple[Report, ...], tuple[str, ...], str, str]


def _judge(mail: Part, text: str) -> _Judgement:
    """What the mail is: a report, an automatic reply, or in doubt a reply."""
    standard = find_standard_report(mail, by_machine=is_from_machine(mail.headers))
    if standard is not None:
        reason = "a delivery report (RFC 3464)"
        return IncomingKind.REPORT, standard.reports, standard.envelope_ids, reason, ""
    if bounce := find_bounce(mail, text):
        return IncomingKind.REPORT, bounce.reports, (), bounce.reason, ""
    automatic = find_automatic(mail, text)
    kind = IncomingKind.AUTO_REPLY if automatic.is_automatic else IncomingKind.REPLY
    return kind, (), (), automatic.reason, automatic.for_person
