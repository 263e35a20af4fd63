"""The commencement gate of a change: whether it may take effect, and who stands in the way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.ask_gate import use_of_client
from subnotify.operations.commence_changes import commence_change
from subnotify.rules.errors import NotFound
from subnotify.rules.gates import Gate, Use, gate_of_change
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import ChangeKind, ChangeState, Role
from subnotify.storage.database import db
from subnotify.storage.gates import (
    GateClient,
    count_unnotified,
    list_gate_clients,
    tally_cases,
)
from subnotify.storage.mail_readings import find_unread
from subnotify.storage.tables import ChangeRow, ReleaseRow
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.language import page_wording
from subnotify.wording.countries import countries_listed

gates = Blueprint("gates", __name__, url_prefix="/desk/changes/<int:change_id>")

PAGE_SIZE = 50
LAST_PAGE = 100_000


@gates.route("/gate")
@needs_role(*Role)
def show_gate(change_id: int) -> str:
    session, at = db.session(), request_at()
    change = session.get(ChangeRow, change_id)
    if change is None or change.state == ChangeState.DRAFT:
        raise NotFound
    zone = _settings().zone
    today = at.astimezone(zone).date()
    tallies = tally_cases(session, [change_id], on=today, at=at).get(change_id, [])
    gate = gate_of_change(tallies, change.commencement_on, zone, at=at)
    everybody = request.args.get("show") == "all"
    page = _page()
    clients = list_gate_clients(
        session,
        change_id,
        only_unsettled=not everybody,
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
        at=at,
    )
    pages = max(1, ceil((gate.cases if everybody else gate.cases - gate.settled) / PAGE_SIZE))
    show = "all" if everybody else None
    return render_template(
        "desk/cases/gate.html",
        change=change,
        release=session.get(ReleaseRow, change.release_id),
        name=facts_from_mapping(change.facts or {}).name,
        kind=ChangeKind(change.kind),
        state=ChangeState(change.state),
        gate=gate,
        unnotified=count_unnotified(session, [change_id], today).get(change_id, 0),
        clients=clients,
        uses=_uses(clients, gate, at),
        places={x.case_id: countries_listed(x.blocked_countries, page_wording()) for x in clients},
        everybody=everybody,
        page=page,
        page_count=pages,
        earlier=_address(change_id, show, page - 1) if page > 1 else None,
        later=_address(change_id, show, page + 1) if page < pages else None,
        may_commence=bool(current_operator().roles & {Role.LEGAL, Role.PUBLISHER}),
        is_legal=Role.LEGAL in current_operator().roles,
        unread=find_unread(session),
        overdue=gate.has_come
        and gate.commencement_at is not None
        and at - gate.commencement_at > timedelta(hours=1),
    )


def _uses(clients: Sequence[GateClient], gate: Gate, at: datetime) -> dict[int, Use]:
    """What the gate says of each client, by case."""
    return {client.case_id: use_of_client(client, gate, at) for client in clients}


def _address(change_id: int, show: str | None, page: int) -> str:
    return url_for(".show_gate", change_id=change_id, show=show, page=page)


@gates.route("/commence", methods=["POST"])
@needs_role(Role.LEGAL, Role.PUBLISHER)
def commence(change_id: int) -> Response:
    operator = current_operator()
    commence_change(
        db.session(),
        change_id,
        zone=_settings().zone,
        by=operator.name,
        actor=f"operator:{operator.id}",
        at=request_at(),
    )
    flash(_("The change has commenced; the public list shows it in force."))
    return redirect(url_for(".show_gate", change_id=change_id), code=303)


def _settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings


def _page() -> int:
    text = request.args.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return min(max(1, number), LAST_PAGE)
