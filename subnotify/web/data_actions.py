"""The data of clients whose services ended: a list, the client's choice, and that it is done."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from subnotify.operations.attach_paper import GivenPaper, attach_paper
from subnotify.operations.record_data_return import (
    CHOICES,
    choose_data_return,
    record_data_returned,
)
from subnotify.operations.written_reasons import LONGEST_REASON
from subnotify.rules.document_files import LARGEST_OCTETS
from subnotify.rules.errors import NotFound
from subnotify.rules.terms_words import DataAtEnd
from subnotify.rules.words import PaperKind, Role
from subnotify.storage.case_head import CaseHead, load_case_head
from subnotify.storage.case_papers import list_papers
from subnotify.storage.data_returns import find_data_return, list_owed_data
from subnotify.storage.database import db
from subnotify.storage.tables import DataReturnRow
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_forms import ReasonForm, given_day
from subnotify.web.case_steps import Shown, Step, take_step, who
from subnotify.web.forms_base import DayField, at_most, strip
from subnotify.web.incoming_letter_forms import ScanForm
from subnotify.web.incoming_letters import BESIDE_SCAN
from subnotify.web.language import page_wording
from subnotify.web.notice.opening import settings
from subnotify.wording.data_returns import data_at_end_sentence, data_choice_words

data_actions = Blueprint("data_actions", __name__, url_prefix="/desk")


@data_actions.url_value_preprocessor
def allow_scan(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A certificate may be larger than other forms. Said before anything reads the request."""
    if endpoint == "data_actions.done_page" and request.method == "POST":
        request.max_content_length = LARGEST_OCTETS + BESIDE_SCAN


class ChoiceForm(ReasonForm):
    choice = RadioField(
        _l("What does the client choose?"),
        validators=[InputRequired(_l("Choose what the client wants"))],
    )


class DoneForm(ScanForm, ReasonForm):
    done_on = DayField(_l("Done on"), validators=[InputRequired(_l("Give the day it was done"))])
    why_no_proof = TextAreaField(
        _l("If there is no certificate: why?"),
        filters=[strip],
        validators=[at_most(LONGEST_REASON)],
    )


@data_actions.route("/data")
@needs_role(*Role)
def list_data() -> str:
    w = page_wording()
    owed = list_owed_data(db.session())
    return render_template(
        "desk/data/data.html",
        owed=owed,
        today=w.local(request_at()).date(),
        wanted={one.case_id: data_at_end_sentence(one.wanted, w) for one in owed},
        chosen={one.case_id: data_choice_words(one.choice, w) for one in owed if one.choice},
    )


def _open(case_id: int) -> tuple[CaseHead, DataReturnRow]:
    owed = find_data_return(db.session(), case_id)
    if owed is None:
        raise NotFound
    return load_case_head(db.session(), case_id, at=request_at()), owed


def _said(owed: DataReturnRow) -> list[str]:
    w = page_wording()
    said = [data_at_end_sentence(DataAtEnd(owed.wanted), w)]
    if owed.due_on is not None:
        said.append(_("It is due by %(day)s.", day=w.date(owed.due_on, "weekday")))
    return said


@data_actions.route("/cases/<int:case_id>/data-choice", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def choose_page(case_id: int) -> str | Response:
    head, owed = _open(case_id)
    form = ChoiceForm()
    form.choice.choices = [(x.value, data_choice_words(x, page_wording())) for x in CHOICES]
    step = Step(
        title=_("Record the client's choice"),
        button=_("Record the choice"),
        done=_("The client's choice is recorded."),
        said=_said(owed),
    )
    note = Shown(form.note, label=_("How the client said so"), rows=4)
    return take_step(
        head,
        form,
        step,
        [Shown(form.choice), note],
        lambda: choose_data_return(
            db.session(),
            case_id,
            DataAtEnd(form.choice.data),
            note=form.note.data or "",
            at=request_at(),
            **who(),
        ),
    )


@data_actions.route("/cases/<int:case_id>/data-done", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def done_page(case_id: int) -> str | Response:
    head, owed = _open(case_id)
    form = DoneForm()
    step = Step(
        title=_("Record that the data is dealt with"),
        button=_("Record it"),
        done=_("It is recorded that the data is dealt with."),
        said=[*_said(owed), *_certificates(case_id)],
    )

    def act() -> None:
        scan = form.given_scan()
        if scan is not None:
            given = GivenPaper(PaperKind.CERTIFICATE, scan)
            key = settings().seal_key
            attach_paper(db.session(), case_id, given, seal_key=key, at=request_at(), **who())
        record_data_returned(
            db.session(),
            case_id,
            given_day(form.done_on),
            note=form.note.data or "",
            why_no_proof=form.why_no_proof.data or "",
            at=request_at(),
            **who(),
        )

    return take_step(head, form, step, _done_fields(form), act, with_file=True)


def _done_fields(form: DoneForm) -> list[Shown]:
    return [
        Shown(form.done_on, width="width-10"),
        Shown(form.note, label=_("What was done, and by whom"), rows=4),
        Shown(
            form.scan,
            label=_("Certificate of return or destruction"),
            hint=_("PDF, JPEG, PNG or TIFF, at most %(n)s MB. It is kept encrypted.", n=10),
        ),
        Shown(form.why_no_proof, hint=_("It stays on record in the place of the proof."), rows=3),
    ]


def _certificates(case_id: int) -> list[str]:
    """What is kept with the case already."""
    kept = [x for x in list_papers(db.session(), case_id) if x.kind is PaperKind.CERTIFICATE]
    return [_("A certificate is kept with the case: %(name)s.", name=x.file_name) for x in kept]
