"""The mails of a draft release, before anything is sent."""

import base64
import hashlib
import re
from html import unescape

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from subnotify.operations.preview_mail import MailPreview, preview_mail
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.releases import get_release
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.headers import CONTENT_SECURITY_POLICY
from subnotify.web.language import page_wording
from subnotify.web.release_pages import settings
from subnotify.web.release_path import path_views
from subnotify.web.release_views import expected

release_mail = Blueprint("release_mail", __name__, url_prefix="/desk/releases")

_STYLE_ELEMENT = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_STYLE_ATTRIBUTE = re.compile(r'\sstyle="([^"]*)"')


@release_mail.route("/<int:release_id>/preview/<int:agreement_id>")
@needs_role(*Role)
def show_mail(release_id: int, agreement_id: int) -> Response:
    """The mail as one client would get it: its words, and how it looks."""
    shown = _mail(release_id, agreement_id)
    response = make_response(
        render_template(
            "desk/releases/mail.html",
            shown=shown,
            release_id=release_id,
            path=path_views(get_release(db.session(), release_id)),
            window=expected(shown.window, page_wording()),
            may_try=bool(current_operator().roles & {Role.PUBLISHER, Role.LEGAL}),
        )
    )
    # The page frames the mail, and nothing else.
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return response


@release_mail.route("/<int:release_id>/preview/<int:agreement_id>/mail.html")
@needs_role(*Role)
def show_mail_body(release_id: int, agreement_id: int) -> Response:
    """The mail's HTML alone, for the frame of its preview: sandboxed, with its own styles only."""
    html = _mail(release_id, agreement_id).mail.html
    response = make_response(html)
    response.headers["Content-Security-Policy"] = mail_policy(html)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def mail_policy(html: str) -> str:
    """A policy under which exactly the styles that stand in this mail apply, and nothing runs."""
    styles = [*_STYLE_ELEMENT.findall(html), *map(unescape, _STYLE_ATTRIBUTE.findall(html))]
    hashes = sorted({_hashed(style) for style in styles})
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'unsafe-hashes' {' '.join(hashes)}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
            "sandbox",
        )
    )


def _hashed(style: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _mail(release_id: int, agreement_id: int) -> MailPreview:
    return preview_mail(
        db.session(),
        release_id,
        agreement_id,
        public_url=settings().public_url,
        zone=settings().zone,
        at=request_at(),
    )
