"""Look at what the domain of our mail publishes, and send a test mail to oneself."""

import html as html_text
from datetime import datetime

from subnotify.config import Settings
from subnotify.delivery.courier import Courier, Envelope
from subnotify.delivery.dns_lookups import Ask
from subnotify.delivery.headers import Mailbox
from subnotify.delivery.mail_tags import TEST_MESSAGE_ID, TagKind, tagged_address
from subnotify.delivery.mime import MailSkeleton, mint_message_id
from subnotify.delivery.results import DeliveryResult, DeliveryState
from subnotify.delivery.sending_domain import SendingDomain, judge_sending_domain
from subnotify.rules.mail_findings import Finding, FindingCode, MailCheck, Severity, finding
from subnotify.rules.words import MailHost
from subnotify.wording.language import Wording

_CODES = {
    DeliveryState.HANDED_OVER: (FindingCode.TEST_MAIL_HANDED_OVER, Severity.OK),
    DeliveryState.DEFERRED: (FindingCode.TEST_MAIL_DEFERRED, Severity.FAIL),
    DeliveryState.REJECTED: (FindingCode.TEST_MAIL_REJECTED, Severity.FAIL),
    DeliveryState.UNKNOWN: (FindingCode.TEST_MAIL_UNKNOWN, Severity.FAIL),
    DeliveryState.AUTHENTICATION_FAILED: (FindingCode.TEST_MAIL_SIGN_IN, Severity.FAIL),
}


def check_sending_domain(settings: Settings, ask: Ask) -> tuple[Finding, ...]:
    """What is published for MX, SPF, DKIM and DMARC, judged for mail as it is configured."""
    sending = SendingDomain(
        from_address=settings.mail_from,
        return_address=settings.return_address or settings.mail_from,
        relay_host=settings.smtp.host if settings.mail_host is MailHost.RELAY else None,
        selectors=settings.dkim_selectors,
    )
    return judge_sending_domain(sending, ask)


def send_test_mail(
    settings: Settings, courier: Courier, to: str, w: Wording, *, at: datetime
) -> Finding:
    """Send a mail with the headers and the envelope of a notice, and say what the server answered.

    to: one address; anything else raises `UnsafeHeader`. Nothing of it is stored.
    """
    recipient, sender = Mailbox(to), Mailbox(settings.mail_from)
    message_id = mint_message_id(sender.domain)
    envelope = Envelope(
        _envelope_sender(settings),
        recipient.address,
        message_id.strip("<>").partition("@")[0],
        report_success=True,
    )
    raw = _test_mail(settings, sender, recipient, message_id, w, at)
    return _finding(courier.deliver(envelope, raw), envelope)


def _envelope_sender(settings: Settings) -> str:
    base = settings.return_address
    if base is None:
        return settings.mail_from
    return tagged_address(base, TagKind.BOUNCE, TEST_MESSAGE_ID, settings.seal_key)


def _test_mail(
    settings: Settings,
    sender: Mailbox,
    to: Mailbox,
    message_id: str,
    w: Wording,
    at: datetime,
) -> bytes:
    base = settings.return_address
    skeleton = MailSkeleton(
        sender=sender, language=w.language, list_id=f"subprocessors.{sender.domain}"
    )
    lines = [
        w.gettext("This is a test mail. It announces nothing, and needs no answer."),
        w.gettext(
            "It was sent like a notice. In its header Authentication-Results the server that took"
            " it says whether SPF, DKIM and DMARC hold."
        ),
    ]
    reply_to = (
        Mailbox(tagged_address(base, TagKind.REPLY, TEST_MESSAGE_ID, settings.seal_key))
        if base is not None
        else None
    )
    return skeleton.fill(
        to=to,
        subject=w.gettext("Test mail of %(host)s", host=settings.public_host),
        message_id=message_id,
        date=at,
        text="\n\n".join(lines) + "\n",
        html="".join(f"<p>{html_text.escape(line)}</p>\n" for line in lines),
        reply_to=reply_to,
    )


def _finding(result: DeliveryResult, envelope: Envelope) -> Finding:
    # Notices wait after a refusal of us as the sender; a test mail was refused all the same.
    state = DeliveryState.REJECTED if result.refuses_sender else result.state
    code, severity = _CODES[state]
    return finding(
        MailCheck.TEST_MAIL,
        code,
        severity,
        host=result.host,
        address=envelope.recipient,
        sender=envelope.sender,
        verb=result.verb.value,
        said=f"{result.code or ''} {result.reply}".strip(),
    )
