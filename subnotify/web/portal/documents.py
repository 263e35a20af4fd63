"""Documents on request: asking for the list in writing, how far it is, and the answer itself."""

from datetime import date
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from subnotify.operations.keep_document import open_document
from subnotify.operations.record_request import ask_for_list
from subnotify.rules.document_requests import PORTAL_CHANNEL, EnoughRequestsWait, NewRequest
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.responses import LONGEST_NAME, LONGEST_TEXT
from subnotify.storage.database import db
from subnotify.storage.document_requests import get_request, list_requests_of
from subnotify.storage.portal_notices import get_portal_agreement, list_portal_agreements
from subnotify.web.access import current_visit, portal_route, request_at
from subnotify.web.documents import download
from subnotify.web.forms_base import DayField, PageForm, at_most, filled, strip
from subnotify.web.language import current_language, page_wording
from subnotify.web.portal.blueprint import portal
from subnotify.web.requests_views import request_view

MOST_SHOWN = 100


class AskForListForm(PageForm):
    requested_by = StringField(
        _l("Your name"),
        filters=[strip],
        validators=[filled(_l("Write your name")), at_most(LONGEST_NAME)],
    )
    as_of_on = DayField(_l("The list of which day?"), validators=[Optional()])
    language = RadioField(
        _l("Language of the document"), validators=[InputRequired(_l("Choose the language"))]
    )
    note = TextAreaField(_l("Note"), filters=[strip], validators=[at_most(LONGEST_TEXT)])

    def request(self, agreement_id: int) -> NewRequest:
        """What was entered; the form has been validated. Days are the vendor's."""
        return NewRequest(
            agreement_id=agreement_id,
            channel=PORTAL_CHANNEL,
            requested_on=_today(),
            requested_by=self.requested_by.data or "",
            as_of_on=self.as_of_on.data or _today(),
            language=self.language.data,
            note=self.note.data or "",
        )


@portal.route("/documents")
@portal_route
def show_documents() -> str:
    """The requests under the agreements of the mailbox, the latest first."""
    agreements = list_portal_agreements(db.session(), current_visit())
    found = list_requests_of(db.session(), [x.id for x in agreements], at_most=MOST_SHOWN)
    w = page_wording()
    return render_template(
        "portal/documents.html",
        agreements=agreements,
        rows=[request_view(one, _today(), w) for one in found],
    )


@portal.route("/agreements/<int:agreement_id>/documents/new", methods=["GET", "POST"])
@portal_route
def ask_for_document(agreement_id: int) -> str | Response:
    """The form; sent twice, it is one request."""
    agreement = get_portal_agreement(db.session(), current_visit(), agreement_id)
    form = AskForListForm(data={"language": current_language()})
    form.language.choices = [("en", _("English")), ("fr", _("French"))]
    if form.validate_on_submit():
        zone = current_app.config["SUBNOTIFY_SETTINGS"].zone
        db.session.rollback()  # the operation begins a transaction of its own
        try:
            asked = form.request(agreement_id)
            ask_for_list(db.session(), current_visit(), asked, zone=zone, at=request_at())
        except ProblemsFound as error:
            form.refuse_at_fields(error)
        except EnoughRequestsWait as error:
            form.refuse(error)
        else:
            flash(_("Your request is recorded. The document will be here once we have answered."))
            return redirect(url_for(".show_documents"), code=303)
    return render_template("portal/ask_document.html", agreement=agreement, form=form)


@portal.route("/documents/<int:request_id>")
@portal_route
def download_answer(request_id: int) -> Response:
    """The document that was given, once it was: one that is being prepared is nobody's yet."""
    found = get_request(db.session(), request_id)
    get_portal_agreement(db.session(), current_visit(), found.agreement_id)
    if found.answered_at is None or found.document_id is None:
        raise NotFound
    key = current_app.config["SUBNOTIFY_SETTINGS"].seal_key
    kept, octets = open_document(db.session(), found.document_id, keys=(key,))
    return download(octets, kept.file_name, kept.media_type)


def _today() -> date:
    """The vendor's day."""
    zone: ZoneInfo = current_app.config["SUBNOTIFY_SETTINGS"].zone
    return request_at().astimezone(zone).date()
