"""Notice terms on the desk: entered as the clause is written, read out, compared, recorded."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from flask import (
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.record_terms import (
    TermsRecordedMeanwhile,
    record_terms,
)
from subnotify.operations.terms_versions import keeping_readings
from subnotify.rules.errors import Problem, ProblemsFound
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import Role
from subnotify.storage.agreement_file import count_open_cases, get_agreement_head
from subnotify.storage.database import begin_read_only, db
from subnotify.storage.registry import list_services
from subnotify.storage.terms_versions import (
    find_current_version,
)
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.formatting import error_lines
from subnotify.web.headers import let_run_own_scripts
from subnotify.web.language import page_wording
from subnotify.web.terms_choices import ZONES
from subnotify.web.terms_data import form_data, preset_choices, starting_terms
from subnotify.web.terms_fields import holds_something
from subnotify.web.terms_forms import RARE_FIELDS, TermsForm
from subnotify.web.terms_pages import settings, terms, today
from subnotify.web.terms_remedies import form_remedy
from subnotify.web.terms_views import (
    TermsReading,
    compare,
    read_form,
    read_out,
)
from subnotify.wording.problems import problem_text

__all__ = ["terms"]

# Buttons of the form and of the page that follows it; none of them: go on to the comparison.
SAVE, CHANGE, SHOW, MORE_RULES = "save", "change", "show", "more_rules"
SCRIPT = "terms.js"


@terms.route("/<int:agreement_id>/terms/edit", methods=["GET"])
@needs_role(Role.LEGAL)
def edit_terms(agreement_id: int) -> ResponseReturnValue:
    """Choose what to start from (`start`), then the form."""
    w = page_wording()
    head = get_agreement_head(db.session(), agreement_id)
    current = find_current_version(db.session(), agreement_id)
    start = starting_terms(
        request.args.get("start", ""),
        current.terms if current else None,
        reader=current_operator().name,
        today=today(),
        zone=settings().zone.key,
    )
    if start is None:
        return render_template(
            "desk/terms/start.html", head=head, current=current, presets=preset_choices(w)
        )
    form = TermsForm(formdata=None, data=form_data(start, w))
    form.based_on.data = str(current.number if current else 0)
    form.offer(list_services(db.session()), w)
    return _form_page(agreement_id, form)


@terms.route("/<int:agreement_id>/terms/edit", methods=["POST"])
@needs_role(Role.LEGAL)
def take_terms(agreement_id: int) -> ResponseReturnValue:
    """What the form's buttons do: show the reading, add a rule, compare, record."""
    if SAVE not in request.form:
        begin_read_only(db.session())
    get_agreement_head(db.session(), agreement_id)
    form = _typed(more=MORE_RULES in request.form)
    if any(name in request.form for name in (CHANGE, SHOW, MORE_RULES)):
        return _form_page(agreement_id, form)
    said, problems = form.read(today=today())
    if said is None:
        _show_problems(form, problems)
        return _form_page(agreement_id, form), 422
    if SAVE not in request.form:
        return _compare_page(agreement_id, said, form)
    try:
        kept = record_terms(
            db.session(), agreement_id, said, based_on=form.number, at=request_at(), **who()
        )
    except TermsRecordedMeanwhile:
        return _compare_page(agreement_id, said, form)
    except ProblemsFound as refusal:
        _show_problems(form, refusal.problems)
        return _form_page(agreement_id, form), 422
    if kept.is_changed:
        flash(_("Version %(number)s of the notice terms is recorded.", number=kept.number))
    else:
        flash(_("These are the terms on record already: nothing was changed."), "info")
    return redirect(url_for(".show_versions", agreement_id=agreement_id), code=303)


@terms.route("/<int:agreement_id>/terms/reading", methods=["POST"])
@needs_role(Role.LEGAL)
def show_reading(agreement_id: int) -> str:
    """The reading of what is typed so far, as a part of the form's page; nothing is stored."""
    begin_read_only(db.session())
    get_agreement_head(db.session(), agreement_id)
    return render_template("desk/terms/reading.html", reading=_reading(_typed()))


def _typed(*, more: bool = False) -> TermsForm:
    form = TermsForm()
    form.offer(list_services(db.session()), page_wording(), more=more)
    return form


def _reading(form: TermsForm) -> TermsReading:
    return read_form(form, page_wording(), at=request_at())


def _form_page(agreement_id: int, form: TermsForm) -> Response:
    current = find_current_version(db.session(), agreement_id)
    response = make_response(
        render_template(
            "desk/terms/edit.html",
            head=get_agreement_head(db.session(), agreement_id),
            form=form,
            reading=_reading(form),
            number=current.number + 1 if current else 1,
            open_cases=count_open_cases(db.session(), agreement_id),
            has_errors=bool(error_lines(form)),
            is_more_open=MORE_RULES in request.form or holds_something(form, RARE_FIELDS),
            zones=ZONES,
            script_version=_script_version(str(current_app.static_folder)),
        )
    )
    return let_run_own_scripts(response)


def _compare_page(agreement_id: int, said: NoticeTerms, form: TermsForm) -> ResponseReturnValue:
    """Old and new side by side. Where another version came in between, it says so, and recording
    then replaces that one."""
    w = page_wording()
    current = find_current_version(db.session(), agreement_id)
    number = current.number if current else 0
    is_overtaken = form.number != number
    after = keeping_readings(said, current.terms if current else None)
    lines = compare(current.terms if current else None, after, w)
    page = render_template(
        "desk/terms/compare.html",
        head=get_agreement_head(db.session(), agreement_id),
        current=current,
        number=number + 1,
        lines=lines,
        is_same=current is not None and not any(x.is_changed for x in lines),
        is_overtaken=is_overtaken,
        old=read_out(current.terms, w, at=request_at()) if current else None,
        new=read_out(after, w, at=request_at()),
        open_cases=count_open_cases(db.session(), agreement_id),
        typed=[*_typed_values(), ("based_on", str(number))],
    )
    return page, 409 if is_overtaken else 200


def _typed_values() -> Iterable[tuple[str, str]]:
    """Everything that was sent, to be sent again from the next page."""
    left_out = {"csrf_token", "based_on", SAVE, CHANGE, SHOW, MORE_RULES}
    for name, values in request.form.lists():
        if name not in left_out:
            yield from ((name, value) for value in values)


def _show_problems(form: TermsForm, problems: Iterable[Problem]) -> None:
    w = page_wording()
    for problem in problems:
        said = problem_text(problem, w)
        remedy = form_remedy(problem) or said.remedy
        form.refuse_with(f"{said.message} {remedy}", form.field_of(problem))


@lru_cache(maxsize=1)
def _script_version(folder: str) -> str:
    """The script's address changes with its content, so that browsers may keep it for long."""
    return hashlib.sha256((Path(folder) / SCRIPT).read_bytes()).hexdigest()[:12]
