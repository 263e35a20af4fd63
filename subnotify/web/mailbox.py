"""The mailbox of the demonstration as pages: what clients and operators got by mail.

Registered only where the settings name a folder of mails, which no real installation does.
"""

import hashlib
import re
from base64 import b64encode
from email.message import EmailMessage
from html import unescape
from pathlib import Path

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from subnotify.config import Settings
from subnotify.delivery.courier import Envelope
from subnotify.delivery.headers import Mailbox, UnsafeHeader
from subnotify.delivery.mail_files import list_files
from subnotify.delivery.mail_folder import MailFolder, StoredMail, parse_mail
from subnotify.delivery.mime import read_mailbox
from subnotify.delivery.results import DeliveryResult, DeliveryState
from subnotify.delivery.smtp import SmtpConnection
from subnotify.delivery.written_replies import (
    find_reply_address,
    quoted_below,
    reply_subject,
    write_reply,
)
from subnotify.storage.database import db
from subnotify.web.access import open_route, request_at
from subnotify.web.documents import download
from subnotify.web.forms_base import PageForm, at_most, filled, strip
from subnotify.web.headers import CONTENT_SECURITY_POLICY

mailbox = Blueprint("mailbox", __name__)

ON_A_PAGE = 50
LONGEST_ANSWER = 10_000
SHOWN_HEADERS = ("From", "To", "Date", "Message-ID", "In-Reply-To", "List-Id")
FRAMING_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
# Links in mails name the port of the day they were sent; this site may run on another one now.
_OWN_HOST = r"https?://(?:127\.0\.0\.1|localhost)(?::\d+)?(?=/)"
_LINK = re.compile(rf"{_OWN_HOST}(/[^\s<>\"')\]]*[^\s<>\"')\].,;:!?])")
_OWN_LINK = re.compile(rf'href="{_OWN_HOST}')
_STYLE = re.compile(r"<style>(.*?)</style>|\sstyle=\"([^\"]*)\"", re.DOTALL)


class AnswerForm(PageForm):
    """What a client, or whoever got a mail, answers by mail."""

    text = TextAreaField(
        _l("Your answer"),
        filters=[strip],
        validators=[filled(_l("Write what you answer.")), at_most(LONGEST_ANSWER)],
    )


@mailbox.route("/mailbox")
@open_route
def list_mails_page() -> str:
    mails = _folder().list_mails()
    recipients = sorted({mail.recipient for mail in mails})
    chosen = request.args.get("to", "")
    if chosen:
        mails = [mail for mail in mails if mail.recipient == chosen]
    page = max(request.args.get("page", 1, type=int), 1)
    start = (page - 1) * ON_A_PAGE
    return render_template(
        "demo/mails.html",
        mails=mails[start : start + ON_A_PAGE],
        count=len(mails),
        recipients=recipients,
        chosen=chosen,
        page=page,
        page_count=max(-(-len(mails) // ON_A_PAGE), 1),
    )


@mailbox.route("/mailbox/<int:number>")
@open_route
def show_mail(number: int) -> Response:
    summary, parsed, raw = _get_mail(number)
    response = current_app.make_response(
        render_template(
            "demo/mail.html",
            mail=summary,
            takes_answers=find_reply_address(raw) is not None,
            headers=[(name, str(parsed[name])) for name in SHOWN_HEADERS if parsed[name]],
            text=with_links(_part(parsed, "plain") or ""),
            has_html=_part(parsed, "html") is not None,
            files=list_files(raw),
            source=raw.decode("utf-8", errors="replace"),
        )
    )
    response.headers["Content-Security-Policy"] = FRAMING_POLICY
    return response


@mailbox.route("/mailbox/<int:number>/answer", methods=["GET", "POST"])
@open_route
def answer_mail(number: int) -> str | Response | tuple[str, int]:
    """Answer a mail as its recipient would, by mail, to the address that it names for answers."""
    summary, parsed, raw = _get_mail(number)
    address = find_reply_address(raw)
    if address is None:
        abort(404)
    form = AnswerForm()
    if form.validate_on_submit():
        # The server hands the answer to this very database, which this request must not hold.
        db.session.rollback()
        try:
            result = _send_answer(summary, raw, form.text.data or "")
        except UnsafeHeader:
            form.refuse_with(_("This mail cannot be answered: a header of it is not sound."))
        else:
            if result.state is DeliveryState.HANDED_OVER:
                flash(_("Your answer has arrived. Legal finds it on the desk, under Mail."))
                return redirect(url_for(".show_mail", number=number), code=303)
            said = f"{result.code or ''} {result.reply}".strip()
            form.refuse_with(
                _("The mail server did not take it: %(said)s. Send it again later.", said=said)
            )
    shown = render_template(
        "demo/answer.html",
        mail=summary,
        form=form,
        address=address,
        subject=reply_subject(parsed),
        quoted=quoted_below(raw),
    )
    return (shown, 422) if form.errors else shown


def _send_answer(mail: StoredMail, raw: bytes, text: str) -> DeliveryResult:
    """Raises `UnsafeHeader`."""
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    name, address = read_mailbox(raw, "To")
    # Only the envelope says whose copy this is.
    sender = Mailbox(mail.recipient, name if address == mail.recipient else "")
    to, answer = write_reply(raw, text, sender=sender, at=request_at())
    with SmtpConnection(settings.smtp) as connection:
        return connection.deliver(Envelope(sender.address, to), answer)


@mailbox.route("/mailbox/<int:number>/files/<int:file_number>")
@open_route
def show_file(number: int, file_number: int) -> Response:
    """A file of a mail, as a download."""
    _, _, raw = _get_mail(number)
    found = [file for file in list_files(raw) if file.number == file_number]
    if not found:
        abort(404)
    return download(found[0].octets, found[0].name, "application/octet-stream")


@mailbox.route("/mailbox/<int:number>/html")
@open_route
def show_html_part(number: int) -> Response:
    """The HTML part alone, for a frame: nothing in it runs or loads, only its own style applies."""
    _, parsed, _ = _get_mail(number)
    html = _part(parsed, "html")
    if html is None:
        abort(404)
    # Browsers take the digest of a style with plain line ends.
    html = html.replace("\r\n", "\n")
    # A page of this site refuses to be framed: links open in the whole window.
    html = html.replace("<head>", '<head><base target="_top">', 1)
    response = Response(_OWN_LINK.sub('href="', html), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _policy_of_part(html)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def with_links(text: str) -> Markup:
    """The text with links to this site made links, by path; every other address stays text."""
    made, last = Markup(), 0
    for found in _LINK.finditer(text):
        made += escape(text[last : found.start()])
        made += Markup('<a href="{}">{}</a>').format(found[1], found[0])
        last = found.end()
    return made + escape(text[last:])


def _policy_of_part(html: str) -> str:
    """Only the styles that this very mail holds, each by its digest; links open outside."""
    found = [element or unescape(attribute) for element, attribute in _STYLE.findall(html)]
    digests = (hashlib.sha256(style.encode()).digest() for style in found)
    named = [f"'sha256-{b64encode(digest).decode()}'" for digest in digests]
    # The word lets digests stand for style attributes too, and nothing else in.
    styles = " ".join(["'unsafe-hashes'", *named]) if named else "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {styles}",
            "frame-ancestors 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "sandbox allow-top-navigation",
        )
    )


def _folder() -> MailFolder:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    # The blueprint is registered only with a folder.
    return MailFolder(settings.demo_mailbox or Path())


def _get_mail(number: int) -> tuple[StoredMail, EmailMessage, bytes]:
    folder = _folder()
    summary, raw = folder.find_summary(number), folder.find_raw(number)
    if summary is None or raw is None:
        abort(404)
    return summary, parse_mail(raw), raw


def _part(parsed: EmailMessage, kind: str) -> str | None:
    part = parsed.get_body((kind,))
    return None if part is None else str(part.get_content())
