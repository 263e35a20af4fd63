"""Written requests for the list on the desk: the register, one request, and its answer.

Legal records and answers them, the publisher looks. The document is sealed when it is prepared, so
that what legal downloads and gives is what the register keeps.
"""

from math import ceil

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.answer_request import prepare_document, record_answer
from subnotify.operations.keep_document import open_document
from subnotify.rules.document_requests import PORTAL_CHANNEL
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import ResponseChannel, Role
from subnotify.storage.database import db
from subnotify.storage.document_requests import (
    PAGE_SIZE,
    Request,
    RequestList,
    find_letter_behind,
    get_request,
    load_request_page,
)
from subnotify.storage.registry_history import list_facts
from subnotify.web.access import needs_role
from subnotify.web.agreements import today
from subnotify.web.case_forms import given_day
from subnotify.web.case_steps import Step
from subnotify.web.documents import download
from subnotify.web.language import page_wording
from subnotify.web.registry_history import history_views
from subnotify.web.registry_steps import Place, acting, is_legal, refuse
from subnotify.web.requests_forms import AnswerForm, PrepareForm
from subnotify.web.requests_views import list_name, request_view

requests = Blueprint("requests", __name__, url_prefix="/desk/requests")

LAST_PAGE = 100_000


@requests.route("")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def show_requests() -> str:
    """One list of requests, as the address asks; what waits by default."""
    asked, w = request.args.get("show", ""), page_wording()
    shown = RequestList(asked) if asked in set(RequestList) else RequestList.OPEN
    page = _page()
    found = load_request_page(db.session(), shown, page=page)
    last = max(1, ceil(found.total / PAGE_SIZE))
    return render_template(
        "desk/requests/list.html",
        rows=[request_view(x, today(), w) for x in found.requests],
        shown=shown,
        lists=[
            (
                list_name(one, w),
                _address(one),
                one is shown,
                found.waiting if one is RequestList.OPEN else None,
            )
            for one in RequestList
        ],
        page=page,
        last=last,
        earlier=_address(shown, page - 1) if page > 1 else None,
        later=_address(shown, page + 1) if page < last else None,
        is_legal=is_legal(),
    )


@requests.route("/<int:request_id>")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def show_request(request_id: int) -> str:
    """One request: what was asked, the document, how it was given, what is on record."""
    w = page_wording()
    found = get_request(db.session(), request_id)
    facts = list_facts(db.session(), [("document_request", [request_id])])
    return render_template(
        "desk/requests/request.html",
        view=request_view(found, today(), w),
        found=found,
        letter=find_letter_behind(db.session(), found.incoming_letter_id),
        form=PrepareForm(formdata=None, data={"in_place_of": found.document_id or ""}),
        history=history_views(facts, w),
        is_legal=is_legal(),
    )


@requests.route("/<int:request_id>/prepare", methods=["POST"])
@needs_role(Role.LEGAL)
def prepare(request_id: int) -> Response:
    """Draw up the document and seal it; pressed twice, it is drawn up once."""
    form = PrepareForm()
    try:
        prepare_document(
            db.session(),
            request_id,
            in_place_of=form.seen(),
            seal_key=_settings().seal_key,
            **acting(),
        )
    except NotFound:
        raise
    except RuleError as error:
        flash(page_wording().gettext(error.message), "error")
    else:
        flash(_("The document is prepared: download it, give it to the client, then say how."))
    return redirect(url_for(".show_request", request_id=request_id), code=303)


@requests.route("/<int:request_id>/document")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def download_list(request_id: int) -> Response:
    """The document that was prepared, and once answered the very one that was given."""
    found = get_request(db.session(), request_id)
    if found.document_id is None:
        raise NotFound
    kept, octets = open_document(db.session(), found.document_id, keys=(_settings().seal_key,))
    return download(octets, kept.file_name, kept.media_type)


@requests.route("/<int:request_id>/answer", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def answer(request_id: int) -> str | Response:
    """How the document was given, and when."""
    w = page_wording()
    found = get_request(db.session(), request_id)
    here = url_for(".show_request", request_id=request_id)
    if request.method == "GET" and (found.document_id is None or found.answered_at is not None):
        return redirect(here, code=303)
    form = AnswerForm(data={"given_on": today(), "document_id": found.document_id}).offer(
        w, found.channel
    )
    if form.validate_on_submit():
        try:
            record_answer(
                db.session(),
                request_id,
                document_id=form.seen(),
                through=ResponseChannel(form.through.data),
                given_on=given_day(form.given_on),
                **acting(),
            )
        except NotFound:
            raise
        except RuleError as error:
            refuse(form, error)
        else:
            flash(_("The answer is recorded."))
            return redirect(here, code=303)
    return render_template(
        "desk/agreements/step.html",
        form=form,
        step=_answer_step(found),
        place=Place(f"{found.client}, {found.agreement}", here, found.reference),
        fields=form.shown(),
    )


def _answer_step(found: Request) -> Step:
    if found.channel is PORTAL_CHANNEL:
        how = _(
            "Given online, the client downloads it in the portal: %(name)s.", name=found.file_name
        )
        return Step(
            title=_("Record how the list was given"),
            button=_("Record the answer"),
            done="",
            said=[how, _("Nobody is written to. What you record stays as it is.")],
        )
    return Step(
        title=_("Record how the list was given"),
        button=_("Record the answer"),
        done="",
        said=[
            _(
                "You have given the client the document as you downloaded it: %(name)s. Nothing"
                " is sent from here. What you record stays as it is.",
                name=found.file_name,
            )
        ],
    )


def _address(shown: RequestList, page: int = 1) -> str:
    return url_for(
        ".show_requests",
        show=None if shown is RequestList.OPEN else shown.value,
        page=page if page > 1 else None,
    )


def _page() -> int:
    text = request.args.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    return min(max(1, number), LAST_PAGE)


def _settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings
