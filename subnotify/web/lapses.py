"""Transfer bases that end: legal's tasks, one task, and who would be hit if one fell."""

from datetime import date
from math import ceil
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.describe_lapses import LapseTask, describe_lapses, instrument_of
from subnotify.operations.foresee_ends import Foreseen, concerns_of, foresee_end, list_resting
from subnotify.operations.load_transfer_reference import reference_in_use
from subnotify.operations.note_lapse import note_lapse
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import LapseState, Role
from subnotify.storage.database import db
from subnotify.storage.registry import list_services
from subnotify.storage.transfer_clients import (
    AgreementConcerned,
    Concern,
    count_concerned_by_any,
    list_concerned_by_any,
)
from subnotify.storage.transfer_lapses import (
    count_lapses,
    get_lapse,
    list_lapses_page,
    list_tellings,
)
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_forms import ReasonForm
from subnotify.web.case_steps import who
from subnotify.web.language import page_wording
from subnotify.web.lapse_forms import WhatIfForm
from subnotify.web.lapse_views import LapseView, hit_views, lapse_view
from subnotify.wording.transfer_lapses import basis_of_lapse, stage_words
from subnotify.wording.transfer_reasons import instrument_words

lapses = Blueprint("lapses", __name__, url_prefix="/desk/lapses")

PAGE_SIZE = 50
AGREEMENTS_A_PAGE = 20
LAST_PAGE = 100_000


@lapses.route("")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def show_lapses() -> str:
    """Open tasks by day, or those that are closed."""
    session, w = db.session(), page_wording()
    state = LapseState.REPLACED if request.args.get("state") == "replaced" else LapseState.OPEN
    counts = count_lapses(session, state)
    basis = request.args.get("basis")
    basis = basis if basis in counts else None
    page, total = _page(), sum(counts.values()) if basis is None else counts[basis]
    stored = list_lapses_page(
        session, state, instrument=basis, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    reference = reference_in_use(session)
    return render_template(
        "desk/lapses/list.html",
        views=_views(describe_lapses(session, stored, on=_today())),
        state=state,
        bases=[(x, basis_of_lapse(instrument_of(reference, x), w), counts[x]) for x in counts],
        basis=basis,
        all_count=sum(counts.values()),
        **_paging(total, page, state=request.args.get("state"), basis=basis),
    )


@lapses.route("/<int:lapse_id>")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def show_lapse(lapse_id: int) -> str:
    return _detail(lapse_id, None)


@lapses.route("/<int:lapse_id>/note", methods=["POST"])
@needs_role(Role.LEGAL)
def write_note(lapse_id: int) -> Response | tuple[str, int]:
    """What legal does about it; the note before stays in the evidence."""
    form = ReasonForm()
    if form.validate():
        try:
            note_lapse(db.session(), lapse_id, note=form.note.data or "", at=request_at(), **who())
        except NotFound:
            raise
        except RuleError as error:
            form.refuse(error, form.note)
        else:
            flash(_("The note is saved."))
            return redirect(url_for(".show_lapse", lapse_id=lapse_id), code=303)
    return _detail(lapse_id, form), 422


@lapses.route("/what-if")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def show_what_if() -> str:
    """Who would be hit if a decision or an instrument ended on a day."""
    session, w, today = db.session(), page_wording(), _today()
    form = WhatIfForm(request.args if request.args.get("code") else None)
    form.offer(list_resting(session, on=today), reference_in_use(session), w)
    if not request.args.get("code"):
        form.on.data = today
    foreseen = None
    if request.args.get("code") and form.validate():
        foreseen = foresee_end(session, form.code.data, form.day(), today=today)
    return render_template(
        "desk/lapses/what_if.html",
        form=form,
        foreseen=foreseen,
        instrument=instrument_words(foreseen.instrument, w) if foreseen else "",
        hits=hit_views(foreseen.hits, w) if foreseen else [],
        **_agreements_of(foreseen),
    )


def _agreements_of(foreseen: Foreseen | None) -> dict[str, Any]:
    if foreseen is None:
        return {"agreements": [], **_paging(0, 1)}
    return _agreement_page(
        concerns_of(foreseen),
        foreseen.concerned.agreements,
        code=request.args.get("code"),
        on=request.args.get("on"),
    )


def _agreement_page(concerns: list[Concern], total: int, **address: Any) -> dict[str, Any]:
    page = _page()
    agreements: list[AgreementConcerned] = list_concerned_by_any(
        db.session(),
        concerns,
        _today(),
        limit=AGREEMENTS_A_PAGE,
        offset=(page - 1) * AGREEMENTS_A_PAGE,
    )
    paging = _paging(total, page, size=AGREEMENTS_A_PAGE, **address)
    return {"agreements": agreements, **paging}


def _detail(lapse_id: int, form: ReasonForm | None) -> str:
    session, w = db.session(), page_wording()
    stored = get_lapse(session, lapse_id)
    (task,) = describe_lapses(session, [stored], on=_today())
    own = ReasonForm(formdata=None)
    own.note.data = stored.note
    counts = count_lapses(session, LapseState.OPEN)
    total = count_concerned_by_any(session, [task.concern], _today()).agreements
    roles = current_operator().roles
    return render_template(
        "desk/lapses/lapse.html",
        stored=stored,
        view=_views([task])[0],
        announced=task.announced,
        code=stored.key.instrument,
        others=counts.get(stored.key.instrument, 0) - (stored.state is LapseState.OPEN),
        tellings=[(x, stage_words(x.days_ahead, w)) for x in list_tellings(session, lapse_id)],
        reference=reference_in_use(session).as_of,
        form=form or own,
        refused=form,
        may_note=Role.LEGAL in roles,
        may_draft=Role.PUBLISHER in roles,
        **_agreement_page([task.concern], total, lapse_id=lapse_id),
    )


def _views(tasks: list[LapseTask]) -> list[LapseView]:
    names = {service.key: service.name for service in list_services(db.session())}
    w, today = page_wording(), _today()
    return [lapse_view(task, names, w, on=today) for task in tasks]


def _paging(total: int, page: int, *, size: int = PAGE_SIZE, **address: Any) -> dict[str, Any]:
    """Where the earlier and later pages of a list are; address: what else the page is asked by."""
    count = max(1, ceil(total / size))

    def at(number: int) -> str:
        endpoint = request.endpoint or ".show_lapses"
        if endpoint.endswith("write_note"):
            endpoint = ".show_lapse"
        return url_for(endpoint, **address, page=number if number > 1 else None)

    return {
        "total": total,
        "page": page,
        "page_count": count,
        "earlier": at(page - 1) if page > 1 else None,
        "later": at(page + 1) if page < count else None,
    }


def _page() -> int:
    text = request.args.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    return min(max(1, number), LAST_PAGE)


def _today() -> date:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return request_at().astimezone(settings.zone).date()
