"""Draft that an entry leaves the list, on a page that says what follows."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from subnotify.operations.draft_removal import draft_removal
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_forms import ConfirmForm
from subnotify.web.case_steps import Step
from subnotify.web.registry_pages import registry, row_of
from subnotify.web.registry_steps import Place

__all__ = ["registry"]


@registry.route("/<int:subprocessor_id>/remove", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def remove_entry(subprocessor_id: int) -> ResponseReturnValue:
    """Draft the removal; clients are told of it by a release."""
    row = row_of(subprocessor_id)
    form = ConfirmForm()
    address = url_for(".show_entry", subprocessor_id=subprocessor_id)
    if form.validate_on_submit():
        try:
            draft_removal(
                db.session(), subprocessor_id, by=current_operator().name, at=request_at()
            )
        except NotFound:
            raise
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("The removal is drafted. Put it into a release to announce it."))
            return redirect(address, code=303)
    step = Step(
        title=_("Remove %(name)s from the list", name=row.facts.name),
        button=_("Draft the removal"),
        done="",
        said=[
            _(
                "This drafts the removal: nothing changes on the list yet. A release announces it"
                " to the clients with the services concerned. They are informed; only where their"
                " agreement covers removals may they object."
            ),
            _(
                "On the day of the release's commencement the entry leaves the list. Where a client"
                " keeps it after an objection, it stays, phased out for everybody else."
            ),
        ],
    )
    place = Place("", address, row.facts.name)
    return render_template(
        "desk/agreements/step.html", form=form, step=step, place=place, fields=[]
    )
