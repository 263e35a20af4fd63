"""What persons confirm to have read, so that silence may count: replies, registered post."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from subnotify.config import Settings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.confirm_read import confirm_read
from subnotify.rules.errors import RuleError
from subnotify.rules.words import ConfirmationKind, Role
from subnotify.storage.confirmations import Waiting, find_waiting, list_confirmations
from subnotify.storage.database import db
from subnotify.storage.hold_facts import load_machine_reading
from subnotify.storage.incoming_letter_pages import list_untied_letters
from subnotify.storage.incoming_pages import count_waiting_mails
from subnotify.storage.list_corrections import list_waiting_corrections
from subnotify.storage.mail_readings import find_oldest_untied_letter
from subnotify.storage.tables import ConfirmationRow
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_forms import given_day
from subnotify.web.forms_base import DayField, PageForm
from subnotify.web.incoming_views import as_plain
from subnotify.web.language import page_wording
from subnotify.web.reading_views import reading_sentences

confirmations = Blueprint("confirmations", __name__, url_prefix="/desk/confirmations")

SHOWN = 5


class ReadForm(PageForm):
    """The day up to whose end everything was read."""

    up_to_on = DayField(_l("Up to the end of"), validators=[InputRequired(_l("Give the day"))])


@dataclass(frozen=True)
class Reading:
    """One kind of confirmation: its form, what waits for it, and the last ones."""

    kind: ConfirmationKind
    form: ReadForm
    waiting: Waiting
    last: list[ConfirmationRow]


@confirmations.route("")
@needs_role(Role.LEGAL)
def show_confirmations() -> str:
    return _page()


@confirmations.route("/<kind>", methods=["POST"])
@needs_role(Role.LEGAL)
def confirm(kind: str) -> Response | str | tuple[str, int]:
    """Confirm one kind; cases held for nothing else are decided at once."""
    if kind not in set(ConfirmationKind):
        return redirect(url_for(".show_confirmations"), code=303)
    chosen = ConfirmationKind(kind)
    form = ReadForm(prefix=f"{kind}-")
    if not take_confirmation(chosen, form):
        return _page(chosen, form), 422
    return redirect(url_for(".show_confirmations"), code=303)


def take_confirmation(chosen: ConfirmationKind, form: ReadForm) -> bool:
    """Confirm what was sent, and decide at once what waited for nothing else; False where the
    form then says why not."""
    if not form.validate():
        return False
    operator = current_operator()
    try:
        confirm_read(
            db.session(),
            chosen,
            given_day(form.up_to_on),
            zone=_settings().zone,
            by=operator.name,
            actor=f"operator:{operator.id}",
            at=request_at(),
        )
    except RuleError as error:
        form.refuse(error, form.up_to_on)
        return False
    closed = close_windows(db.session(), at=request_at()).closed.total()
    flash(_("The confirmation is recorded."))
    if closed:
        flash(ngettext("%(num)s case was closed.", "%(num)s cases were closed.", closed))
    return True


def _page(refused: ConfirmationKind | None = None, form: ReadForm | None = None) -> str:
    session = db.session()
    machine = load_machine_reading(session)
    return render_template(
        "desk/confirmations/confirmations.html",
        readings=load_readings(refused, form),
        refused=form,
        corrections=list_waiting_corrections(session),
        machine=machine,
        machine_says=reading_sentences(machine, page_wording()),
        waiting_mails=count_waiting_mails(session),
        letters=list_untied_letters(session, limit=SHOWN),
        plain=as_plain,
    )


def load_readings(
    refused: ConfirmationKind | None = None, form: ReadForm | None = None
) -> list[Reading]:
    """Both kinds. refused, form: the one that was sent and says what is wrong."""
    session = db.session()
    return [
        Reading(
            kind,
            form if form is not None and kind is refused else _form(kind, _offered_day()),
            find_waiting(session, kind),
            list(list_confirmations(session, kind, limit=SHOWN)),
        )
        for kind in ConfirmationKind
    ]


def _offered_day() -> date:
    """Today, or the last day that no letter of nobody forbids."""
    today = request_at().astimezone(_settings().zone).date()
    letter_on = find_oldest_untied_letter(db.session())
    return today if letter_on is None else min(today, letter_on - timedelta(days=1))


def _form(kind: ConfirmationKind, day: date) -> ReadForm:
    """Unbound: what was sent for the other kind does not belong here."""
    return ReadForm(formdata=None, prefix=f"{kind.value}-", data={"up_to_on": day})


def _settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings
