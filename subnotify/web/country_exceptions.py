"""Country exceptions of an agreement: recording one with the client's document, ending one."""

from collections.abc import Sequence

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.record_country_exception import (
    end_country_exception,
    record_country_exception,
)
from subnotify.rules.allowed_countries import read_countries
from subnotify.rules.words import Role
from subnotify.storage.agreement_file import get_agreement_head
from subnotify.storage.country_exceptions import get_recorded_exception, name_subprocessors
from subnotify.storage.database import db
from subnotify.storage.tables import CaseRow, ChangeRow
from subnotify.web.access import needs_role
from subnotify.web.agreements import agreement_place, today
from subnotify.web.case_forms import ReasonForm
from subnotify.web.case_steps import Shown, Step
from subnotify.web.country_forms import CountryExceptionForm
from subnotify.web.language import page_wording
from subnotify.web.registry_steps import acting, take_registry_step
from subnotify.wording.countries import country_word

country_exceptions = Blueprint(
    "country_exceptions", __name__, url_prefix="/desk/agreements/<int:agreement_id>/exceptions"
)


@country_exceptions.route("/new", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def new_exception(agreement_id: int) -> str | Response:
    """Record what the client agreed to. With `?case=`, the form starts from what blocks it."""
    head, w = get_agreement_head(db.session(), agreement_id), page_wording()
    case = _asked_case(agreement_id)
    blocked = read_countries(case.blocked_countries) if case else ()
    change = db.session().get(ChangeRow, case.change_id) if case else None
    form = CountryExceptionForm(
        data={
            "country": blocked[0] if blocked else "",
            "subprocessor_id": change.subprocessor_id if change else 0,
            "from_on": today(),
        }
    ).offer(name_subprocessors(db.session()).items(), blocked, w)
    form.from_on.flags.required = True
    step = Step(
        title=_("Record a country exception"),
        button=_("Record the exception"),
        done=_("The exception is recorded. Cases that waited for it are decided anew."),
        said=[
            _(
                "The client agreed in a document that its data may go to a country that its"
                " agreement does not allow. An answer of the client to the notice can be that"
                " document: give its reference."
            ),
            _(
                "A client whose case it unblocks was told that nothing changes for it: its time to"
                " object runs in full from now."
            ),
        ],
    )
    return take_registry_step(
        form,
        step,
        agreement_place(head),
        _fields(form),
        lambda: record_country_exception(db.session(), agreement_id, form.facts(), **acting()),
        lambda _kept: (
            url_for("cases.show_case", case_id=case.id) if case else _address(agreement_id)
        ),
    )


def _asked_case(agreement_id: int) -> CaseRow | None:
    """The case from whose page the operator comes; None without, or where it is another's."""
    number = request.args.get("case", type=int)
    case = db.session().get(CaseRow, number) if number and number < 2**31 else None
    return case if case is not None and case.agreement_id == agreement_id else None


def _fields(form: CountryExceptionForm) -> Sequence[Shown]:
    return [
        Shown(form.country),
        Shown(form.subprocessor_id),
        Shown(form.reference, hint=_("For example: amendment 3, or R-000123 for an answer.")),
        Shown(form.from_on, width="width-10"),
        Shown(form.until_on, hint=_("Empty: it has no end."), width="width-10"),
        Shown(form.note, rows=3),
    ]


@country_exceptions.route("/<int:exception_id>/end", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def end_exception(agreement_id: int, exception_id: int) -> str | Response:
    head, w = get_agreement_head(db.session(), agreement_id), page_wording()
    recorded = get_recorded_exception(db.session(), agreement_id, exception_id)
    form = ReasonForm()
    step = Step(
        title=_(
            "End the exception for %(place)s", place=country_word(recorded.exception.country, w)
        ),
        button=_("End the exception"),
        done=_("The exception is ended. Look at the list of this agreement."),
        said=[
            _(
                "Today is the first day without it. Subprocessors that rest on it may not be used"
                " for this client any more: stop their use. Their open cases are on hold."
            )
        ],
        is_grave=True,
    )
    return take_registry_step(
        form,
        step,
        agreement_place(head),
        [Shown(form.note, rows=4)],
        lambda: end_country_exception(
            db.session(), agreement_id, exception_id, note=form.note.data or "", **acting()
        ),
        lambda _kept: _address(agreement_id),
    )


def _address(agreement_id: int) -> str:
    return url_for("agreements.show_agreement", agreement_id=agreement_id, _anchor="countries")
