"""Read an incoming mail: what it is, which of our mails it is about, what it says.

Pure: bytes in, facts out. What they mean for a notice is decided where the records are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from subnotify.delivery.auto_replies import find_automatic
from subnotify.delivery.bounce_shapes import find_bounce, is_from_machine, looks_like_bounce
from subnotify.delivery.dispositions import find_disposition, is_complaint
from subnotify.delivery.incoming_addresses import list_own_names, read_sender, read_tags
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
from subnotify.delivery.reports import (
    declares_report,
    find_standard_report,
    list_returned_headers,
    read_instant,
)
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
    whole = read_text(mail)
    text, quoted = split_quoted(whole, own, list_own_names(mail.headers, own))
    judged = _judge(mail, whole, text, quoted)
    is_report = judged.kind is IncomingKind.REPORT
    returned = list_returned_headers(mail) if is_report or is_complaint(mail) else []
    name, address = read_sender(mail.headers)
    return IncomingMail(
        kind=judged.kind,
        tag_standing=standing,
        tag=tag,
        message_ids=list_message_ids(mail.headers, returned, whole if is_report else ""),
        original_envelope_ids=judged.envelope_ids,
        reports=judged.reports,
        from_address=address,
        from_name=name,
        subject=decode_words(mail.headers.first("subject"))[:_LONGEST_SUBJECT],
        text=text[:LONGEST_TEXT],
        quoted=quoted[:LONGEST_TEXT],
        attachments=list_attachments(mail),
        reason=judged.reason,
        for_person=judged.for_person,
        sent_at=read_instant(mail.headers.first("date")),
    )


@dataclass(frozen=True, slots=True)
class _Judgement:
    kind: IncomingKind
    reason: str = ""
    for_person: str = ""
    reports: tuple[Report, ...] = ()
    envelope_ids: tuple[str, ...] = ()


def _judge(mail: Part, whole: str, text: str, quoted: str) -> _Judgement:
    """What the mail is: a report of delivery, an automatic reply, or in doubt a reply."""
    standard = find_standard_report(mail, by_machine=is_from_machine(mail.headers))
    if standard is not None:
        return _Judgement(
            IncomingKind.REPORT,
            "a delivery report (RFC 3464)",
            reports=standard.reports,
            envelope_ids=standard.envelope_ids,
        )
    if is_complaint(mail):
        return _Judgement(IncomingKind.REPLY, "a complaint that our mail is spam (RFC 5965)")
    if bounce := find_bounce(mail, whole, text):
        return _Judgement(IncomingKind.REPORT, bounce.reason, reports=bounce.reports)
    automatic = find_disposition(mail, text)
    if automatic is None and (looks_like_bounce(mail.headers) or declares_report(mail)):
        return _Judgement(IncomingKind.REPLY, "it may be a bounce, but names no failure clearly")
    automatic = automatic or find_automatic(mail, text, quoted)
    if automatic.is_automatic:
        return _Judgement(IncomingKind.AUTO_REPLY, automatic.reason, automatic.for_person)
    wordless = "" if text else "it has no words that can be read: encrypted, or in a file"
    return _Judgement(IncomingKind.REPLY, automatic.reason or wordless)
