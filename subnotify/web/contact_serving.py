"""On the page of a contact: with its new address, what waits is served anew in the same step."""

from collections.abc import Sequence
from dataclasses import asdict
from zoneinfo import ZoneInfo

from flask import current_app, flash
from flask_babel import gettext as _

from subnotify.operations.keep_contact import ContactFacts, Letter
from subnotify.operations.registry_part import Kept
from subnotify.operations.serve_contact_anew import serve_contact_anew
from subnotify.operations.tell_old_address import is_untold
from subnotify.storage.database import db
from subnotify.storage.unreachable import list_waiting_of_contact
from subnotify.web.access import request_at
from subnotify.web.errors import rule_sentences
from subnotify.web.language import page_wording
from subnotify.web.registry_steps import acting


def waiting_references(contact_id: int) -> Sequence[str]:
    """The notices that wait for an address of this contact."""
    zone: ZoneInfo = current_app.config["SUBNOTIFY_SETTINGS"].zone
    today = request_at().astimezone(zone).date()
    found = list_waiting_of_contact(db.session(), contact_id, on=today)
    return [reference for _id, reference in found]


def say_who_is_untold(
    kept: Kept, before: ContactFacts, after: ContactFacts, *, is_named: bool
) -> None:
    """Warn whoever changed the only address of a contact that agreements name: it is not told."""
    if kept.is_changed and is_named and is_untold(asdict(before), asdict(after)):
        flash(
            _(
                "Nobody could be told at the old address of %(name)s: no email address was on"
                " record. Make sure by another way that the client itself asked for this change.",
                name=before.name,
            ),
            "warning",
        )


def serve_what_waits(kept: Kept, before: ContactFacts, after: ContactFacts, letter: Letter) -> Kept:
    """Serve anew if an address changed; an address that stayed is as dead as it was."""
    old, new = (before.email, before.postal_address), (after.email, after.postal_address)
    if not kept.is_changed or old == new:
        return kept
    w = page_wording()
    note = _("The address of %(name)s was corrected.", name=after.name)
    if letter.reference:
        note += " " + _("Letter: %(reference)s.", reference=letter.reference)
    done = serve_contact_anew(db.session(), kept.id, note=note, **acting())
    if done.served:
        flash(_("Served anew, with a full window: %(list)s.", list=w.listed(done.served)))
    for reference, error in done.refused:
        why = " ".join(rule_sentences(error))
        flash(_("%(reference)s is not served anew. %(why)s", reference=reference, why=why), "info")
    return kept
