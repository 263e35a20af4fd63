"""Scans kept with a case. They are given back as downloads only (web/documents.py)."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from subnotify.operations.attach_paper import GivenPaper, attach_paper
from subnotify.operations.written_reasons import LONGEST_REASON
from subnotify.rules.document_files import LARGEST_OCTETS
from subnotify.rules.errors import NotFound, ProblemsFound, RuleError
from subnotify.rules.words import PaperKind, Role
from subnotify.storage.case_head import load_case_head
from subnotify.storage.database import db
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_steps import Shown, Step, who
from subnotify.web.case_views import title_of
from subnotify.web.forms_base import at_most, strip
from subnotify.web.incoming_letter_forms import ScanForm
from subnotify.web.incoming_letters import BESIDE_SCAN
from subnotify.web.language import page_wording
from subnotify.web.notice.opening import settings
from subnotify.wording.labels import label

case_papers = Blueprint("case_papers", __name__, url_prefix="/desk/cases/<int:case_id>/papers")


@case_papers.url_value_preprocessor
def allow_scan(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A scan may be larger than other forms. Said before anything reads the request."""
    if endpoint == "case_papers.attach_page" and request.method == "POST":
        request.max_content_length = LARGEST_OCTETS + BESIDE_SCAN


class PaperForm(ScanForm):
    kind = RadioField(_l("What is it?"), validators=[InputRequired(_l("Choose what it is"))])
    note = TextAreaField(_l("What it shows"), filters=[strip], validators=[at_most(LONGEST_REASON)])


@case_papers.route("/new", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def attach_page(case_id: int) -> str | Response | tuple[str, int]:
    head = load_case_head(db.session(), case_id, at=request_at())
    w, form = page_wording(), PaperForm()
    form.kind.choices = [(x.value, label(w, x).capitalize()) for x in PaperKind]
    if form.validate_on_submit():
        scan = form.given_scan()
        if scan is None:
            form.refuse_with(_("Choose the file that the scanner wrote."), form.scan)
        else:
            given = GivenPaper(PaperKind(form.kind.data), scan, form.note.data or "")
            try:
                attach_paper(
                    db.session(),
                    case_id,
                    given,
                    seal_key=settings().seal_key,
                    at=request_at(),
                    **who(),
                )
            except NotFound:
                raise
            except ProblemsFound as error:
                form.refuse_at_fields(error)
            except RuleError as error:
                form.refuse(error)
            else:
                flash(_("The scan is kept with the case."))
                address = url_for("cases.show_case", case_id=case_id, _anchor="papers")
                return redirect(address, code=303)
    step = Step(
        title=_("Keep a scan with the case"),
        button=_("Keep the scan"),
        done="",
        said=[_("It stays as it is: it cannot be changed or removed, only others added.")],
    )
    hint = _("PDF, JPEG, PNG or TIFF, at most %(n)s MB. It is kept encrypted.", n=10)
    shown = render_template(
        "desk/cases/step.html",
        head=head,
        title=title_of(head, w),
        form=form,
        step=step,
        fields=[Shown(form.kind), Shown(form.scan, hint=hint), Shown(form.note, rows=3)],
        with_file=True,
    )
    return (shown, 422) if form.errors else shown
