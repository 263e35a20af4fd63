"""What a signed-in mailbox does: it opens a notice, switches clients, chooses its language."""

from flask import abort, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from subnotify.operations.visit_portal import (
    keep_portal_language,
    open_portal_notice,
    switch_portal_client,
)
from subnotify.rules.texts import LANGUAGES
from subnotify.storage.database import db
from subnotify.web.access import current_visit, portal_route, request_at
from subnotify.web.portal.blueprint import portal
from subnotify.web.portal.sign_in import keep_language_cookie
from subnotify.wording.language import wording_for


@portal.route("/notices/<int:notice_id>/open", methods=["POST"])
@portal_route
def open_notice(notice_id: int) -> Response:
    """Leads to the very page that the link in the mail opens, with its ways to answer."""
    token = open_portal_notice(db.session(), current_visit(), notice_id, at=request_at())
    return redirect(url_for("notice.show_notice", token=token), code=303)


@portal.route("/clients/<int:client_id>", methods=["POST"])
@portal_route
def switch_client(client_id: int) -> Response:
    switch_portal_client(db.session(), current_visit(), client_id)
    return redirect(url_for(".home"), code=303)


@portal.route("/language", methods=["POST"])
@portal_route
def choose_language() -> Response:
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    keep_portal_language(db.session(), current_visit(), language)
    w = wording_for(language, current_app.config["VENDOR_TIME_ZONE"])
    flash(w.gettext("The language of this mailbox is kept."))
    response = redirect(url_for(".show_choices"), code=303)
    keep_language_cookie(response, language)
    return response
