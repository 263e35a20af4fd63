"""The whole registry on one page, and the first publication of the list."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from subnotify.operations.load_transfer_reference import reference_in_use
from subnotify.operations.publish_list import publish_list
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import ProblemsFound, RuleError
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.list_corrections import list_waiting_corrections
from subnotify.storage.registry import find_vendor, list_services
from subnotify.web.access import needs_password_again, needs_role
from subnotify.web.case_forms import ReasonForm
from subnotify.web.case_steps import Shown, Step
from subnotify.web.errors import rule_sentences
from subnotify.web.language import page_wording
from subnotify.web.registry_pages import (
    may_edit_vendor,
    may_note,
    may_write,
    registry,
    settings,
    today,
)
from subnotify.web.registry_steps import Place, acting
from subnotify.web.registry_views import list_rows, refused_entries
from subnotify.wording.transfer_reasons import law_words

__all__ = ["registry"]


@registry.route("")
@needs_role(*Role)
def show_registry() -> str:
    return _registry_page()


@registry.route("/publish", methods=["POST"])
@needs_role(Role.PUBLISHER, Role.LEGAL)
@needs_password_again
def publish() -> ResponseReturnValue:
    """Publish the first list, or say what every draft still lacks. Another person than the one
    who drafted it all; where the setting allows one person, it writes why."""
    form = ReasonForm()
    address = url_for(".show_registry")
    try:
        publish_list(
            db.session(),
            **acting(),
            four_eyes=True,
            one_person=settings().one_person_release,
            one_person_reason=form.note.data or "",
        )
    except ProblemsFound as refusal:
        return _registry_page(refusal), 422
    except ReasonMissing as error:
        if "note" in request.form:
            form.refuse(error, form.note)
        step = Step(title=_("Publish the list alone"), button=_("Publish the list"), done="")
        place = Place("", address, _("Registry"))
        shown = [Shown(form.note, rows=3)]
        page = render_template(
            "desk/agreements/step.html", form=form, step=step, place=place, fields=shown
        )
        return page, 422
    except RuleError as error:
        flash(rule_sentences(error)[0], "error")
        return redirect(address, code=303)
    flash(_("The list is published."))
    return redirect(address, code=303)


def _registry_page(refusal: ProblemsFound | None = None) -> str:
    w = page_wording()
    rows = list_rows(db.session(), w, on=today())
    vendor = find_vendor(db.session())
    names = {service.key: service.name for service in list_services(db.session())}
    problems = refusal.problems if refusal else ()
    refused, general = refused_entries(problems, rows, reference_in_use(db.session()), w)
    return render_template(
        "desk/registry/registry.html",
        vendor=vendor,
        rows=rows,
        service_names=names,
        changes=[row for row in rows if row.change],
        corrections=list_waiting_corrections(db.session()),
        names_by_key={row.key: row.facts.name for row in rows},
        refused=refused,
        general=general,
        may_write=may_write(),
        may_publish=may_note(),
        may_edit_vendor=may_edit_vendor(),
        laws=[law_words(law, w) for law in vendor.profile.laws] if vendor else [],
    )
