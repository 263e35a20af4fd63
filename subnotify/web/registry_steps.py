"""One step in keeping clients and agreements: a page with a form that keeps what was typed."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app, flash, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import HiddenField

from subnotify.operations.keep_agreement import AgreementFacts
from subnotify.operations.keep_client import ClientFacts
from subnotify.operations.keep_contact import ContactFacts
from subnotify.operations.registry_part import Kept
from subnotify.rules.errors import NotFound, ProblemsFound, RuleError
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.registry import find_vendor
from subnotify.web.access import current_operator, request_at
from subnotify.web.case_steps import Shown, Step, who
from subnotify.web.forms_base import PageForm

WRITERS = (Role.LEGAL, Role.PUBLISHER)
"""Who adds and changes clients, contacts and agreements; what needs legal says so itself."""


Facts = ClientFacts | ContactFacts | AgreementFacts


class EditForm(PageForm):
    """A form of facts on record. seen: which facts the page showed."""

    seen = HiddenField()

    def is_overtaken(self, stored: Facts, typed: Facts) -> bool:
        """Whether somebody else changed the facts since the page was shown; the form then says
        so, with what is on record now. Sent again, it is meant.

        A submission that asks for what is on record anyway is never overtaken.
        """
        shown, digest = self.seen.data, _digest(stored)
        self.seen.data = digest
        if shown in (None, "", digest) or stored == typed:
            return False
        self.refuse_with(
            _("Somebody else changed this meanwhile. Compare, and save again what is right.")
        )
        new = asdict(typed)
        for name, value in asdict(stored).items():
            if name in self and value != new[name]:
                text = ", ".join(value) if isinstance(value, tuple) else value
                said = _("On record now: %(value)s", value=text or _("nothing"))
                self.refuse_with(said, self[name])
        return True

    def show(self, stored: Facts) -> None:
        """Remember what the page shows."""
        if not self.is_submitted():
            self.seen.data = _digest(stored)


def _digest(facts: Facts) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()


@dataclass(frozen=True)
class Place:
    """Where a step stands: the page it belongs to, and what that page is about."""

    about: str
    back: str
    back_text: str


def acting() -> dict[str, Any]:
    """by, actor, at and zone of an operation, for the signed-in operator."""
    return {
        **who(),
        "at": request_at(),
        "zone": current_app.config["SUBNOTIFY_SETTINGS"].zone,
    }


def is_writer() -> bool:
    return bool(current_operator().roles & set(WRITERS))


def is_legal() -> bool:
    return Role.LEGAL in current_operator().roles


def is_published() -> bool:
    """Whether the list is published: who is designated changes by letter since then."""
    vendor = find_vendor(db.session())
    return vendor is not None and vendor.first_published_at is not None


def take_registry_step(
    form: PageForm,
    step: Step,
    place: Place,
    fields: Sequence[Shown],
    act: Callable[[], Kept],
    address_after: Callable[[Kept], str],
    is_overtaken: Callable[[], bool] = lambda: False,
) -> str | Response:
    """Show the form; once it is valid, act, and go on. What a rule refuses is shown at its field.

    fields: in their order; those that the form lacks are left out by the caller. is_overtaken:
    asked before acting; it says at the form why not.
    """
    if form.validate_on_submit() and not is_overtaken():
        try:
            kept = act()
        except NotFound:
            raise
        except RuleError as error:
            refuse(form, error)
        else:
            if kept.is_changed:
                flash(step.done)
            else:
                flash(_("All of it was on record already: nothing was changed."), "info")
            return redirect(address_after(kept), code=303)
    return render_template(
        "desk/agreements/step.html", form=form, step=step, place=place, fields=fields
    )


def refuse(form: PageForm, error: RuleError) -> None:
    """Show what a rule refused, at the field that the problem names where there is one."""
    if isinstance(error, ProblemsFound):
        form.refuse_at_fields(error)
    else:
        form.refuse(error)
