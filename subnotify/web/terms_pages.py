"""Notice terms on the desk to read: the current ones, earlier versions, what is incomplete; and
legal's reading of what a clause leaves open."""

from datetime import date

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.record_terms import record_reading
from subnotify.operations.registry_part import Kept
from subnotify.rules.errors import NotFound
from subnotify.rules.words import Role
from subnotify.storage.agreement_file import get_agreement_head
from subnotify.storage.database import db
from subnotify.storage.terms_versions import (
    count_incomplete,
    find_current_version,
    get_version,
    list_incomplete,
    list_versions,
)
from subnotify.web.access import needs_role, request_at
from subnotify.web.agreements import agreement_place
from subnotify.web.case_steps import Shown, Step
from subnotify.web.language import page_wording
from subnotify.web.registry_steps import acting, is_legal, take_registry_step
from subnotify.web.terms_forms import ReadingForm
from subnotify.web.terms_views import incomplete_reasons, open_fields, version_view

PAGE_SIZE = 50

terms = Blueprint("terms", __name__, url_prefix="/desk/agreements")


@terms.route("/<int:agreement_id>/terms")
@needs_role(*Role)
def show_versions(agreement_id: int) -> str:
    """The current terms read out, and the versions before."""
    w = page_wording()
    versions = list_versions(db.session(), agreement_id)
    head = get_agreement_head(db.session(), agreement_id)
    current = next((x for x in versions if x.is_current), None)
    return render_template(
        "desk/terms/versions.html",
        head=head,
        view=version_view(current, w, at=request_at()) if current else None,
        versions=versions,
        is_legal=is_legal(),
    )


@terms.route("/<int:agreement_id>/terms/<int:number>")
@needs_role(*Role)
def show_version(agreement_id: int, number: int) -> str:
    """One version read out, with the clause and who recorded it."""
    head = get_agreement_head(db.session(), agreement_id)
    version = get_version(db.session(), agreement_id, number)
    return render_template(
        "desk/terms/version.html",
        head=head,
        view=version_view(version, page_wording(), at=request_at()),
        is_legal=is_legal(),
    )


@terms.route("/<int:agreement_id>/terms/readings/<name>", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def take_reading(agreement_id: int, name: str) -> str | Response:
    """Record what legal takes the clause to mean where it is silent, and why."""
    head = get_agreement_head(db.session(), agreement_id)
    current = find_current_version(db.session(), agreement_id)
    opened = [x for x in open_fields(current.terms) if x.name == name] if current else []
    if current is None or not opened:
        raise NotFound
    form = ReadingForm(based_on=str(current.number), value=opened[0].value_code)
    form.offer(name)
    step = Step(
        title=_("Record a reading"),
        button=_("Record the reading"),
        done=_("The reading is recorded, as a new version of the terms."),
        said=[
            _("%(title)s: the clause does not say.", title=opened[0].title),
            opened[0].assumed,
            _("The reading holds for the next notices; running deadlines do not move."),
        ],
    )
    return take_registry_step(
        form,
        step,
        agreement_place(head),
        [
            Shown(form.value),
            Shown(form.why, hint=_("It stays on record, with your name and the day."), rows=4),
            Shown(form.based_on),
        ],
        lambda: _keep_reading(agreement_id, name, form),
        lambda _kept: url_for(".show_versions", agreement_id=agreement_id, _anchor="readings"),
    )


def _keep_reading(agreement_id: int, name: str, form: ReadingForm) -> Kept:
    kept = record_reading(
        db.session(),
        agreement_id,
        name,
        form.value.data or "",
        form.why.data or "",
        based_on=form.number,
        **acting(),
    )
    return Kept(agreement_id, kept.is_changed)


@terms.route("/incomplete", endpoint="list_incomplete")
@needs_role(*Role)
def list_incomplete_page() -> str:
    """Agreements whose terms are missing, not computable or contradictory, and why."""
    w = page_wording()
    counts = count_incomplete(db.session(), today=today())
    last = max(1, -(-counts.all // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    listed = list_incomplete(
        db.session(), today=today(), skip=(page - 1) * PAGE_SIZE, most=PAGE_SIZE
    )
    return render_template(
        "desk/terms/incomplete.html",
        rows=[(x, incomplete_reasons(x, w)) for x in listed],
        counts=counts,
        page=page,
        last=last,
        earlier=url_for(".list_incomplete", page=page - 1) if page > 1 else None,
        later=url_for(".list_incomplete", page=page + 1) if page < last else None,
        is_legal=is_legal(),
    )


def settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings


def today() -> date:
    return request_at().astimezone(settings().zone).date()
