"""Mails the code that an answer waits for, at once and outside any transaction."""

import logging
from collections.abc import Collection

from flask import current_app, flash
from flask_babel import gettext

from subnotify.delivery.headers import UnsafeHeader
from subnotify.delivery.one_off import OneOffMailFailed
from subnotify.operations.issue_code import IssuedCode
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import ResponseKind
from subnotify.storage.database import db
from subnotify.storage.responses import list_responses
from subnotify.web.access import request_at
from subnotify.web.account import MAILER
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import current_language, page_wording
from subnotify.web.notice.facts import change_facts
from subnotify.web.notice.opening import OpenedNotice, given_alike
from subnotify.wording.change_facts import change_title
from subnotify.wording.mail_code import code_mail
from subnotify.wording.mail_party import Party

logger = logging.getLogger(__name__)


def mail_code(
    opened: OpenedNotice, issued: IssuedCode, kind: ResponseKind, response_ids: Collection[int]
) -> None:
    """Send the code; where that fails the next page says so and offers to send another."""
    w = page_wording()
    shown = opened.shown
    answered = {
        x.case_id
        for x in list_responses(db.session(), opened.link.notice_id)
        if x.id in response_ids
    }
    titles = [change_title(change_facts(x), w) for x in opened.changes if x.case_id in answered]
    others = sorted({one.agreement for one in given_alike(opened, response_ids)})
    if others:
        titles.append(gettext("Alike under: %(agreements)s", agreements=w.listed(others)))
    vendor = find_vendor_profile() or VendorProfile(name="")
    party = Party(shown.client_name, shown.agreement_reference, shown.brief.reference)
    mail = code_mail(issued.code, kind, titles, party, vendor, w, expires_at=issued.expires_at)
    # What was read is enough: no lock is held while the mail server is asked.
    db.session.rollback()
    try:
        current_app.extensions[MAILER].send(
            issued.to_address,
            mail.subject,
            mail.text,
            mail.html,
            at=request_at(),
            language=current_language(),
        )
    except (OneOffMailFailed, UnsafeHeader, OSError):
        logger.exception("a code for notice %s was not sent", opened.link.notice_id)
        flash(
            gettext(
                "The mail with the code could not be sent. Your answer is kept, but does not count"
                " yet: have the code sent again in a few minutes."
            ),
            "warning",
        )
