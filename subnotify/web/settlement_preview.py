"""The page between the form of a settlement and its recording: the closing mail."""

from flask import render_template, request
from flask_babel import gettext as _

from subnotify.operations.preview_settlement import (
    ClosingPreview,
    preview_closing,
    preview_settlement,
)
from subnotify.operations.render_messages import MailContext
from subnotify.operations.settle_objection import Settlement
from subnotify.rules.words import Outcome
from subnotify.storage.case_head import CaseHead
from subnotify.storage.database import db
from subnotify.web.access import request_at
from subnotify.web.case_steps import who
from subnotify.web.case_views import title_of
from subnotify.web.forms_base import PageForm
from subnotify.web.language import page_wording
from subnotify.web.notice.opening import settings
from subnotify.wording.labels import label
from subnotify.wording.settlements import settlement_sentence

# What the second of the two forms sends: the mail was looked at.
SEEN = "seen"


def closing_preview(case_id: int, outcome: Outcome) -> ClosingPreview:
    """The closing mail of a case that ends so. Raises NotFound."""
    return preview_closing(db.session(), case_id, outcome, context=_context(), at=request_at())


def _context() -> MailContext:
    known = settings()
    return MailContext(known.public_url, known.vendor_time_zone)


def show_settlement(head: CaseHead, form: PageForm, decision: Settlement) -> str:
    """The decision in words, the mail, and what was typed once more, unseen. Raises what settling
    raises."""
    w = page_wording()
    shown = preview_settlement(
        db.session(),
        head.case.id,
        decision,
        by=who()["by"],
        context=_context(),
        at=request_at(),
    )
    names = {service.key: service.name for service in head.services}
    return render_template(
        "desk/cases/settlement_preview.html",
        head=head,
        title=title_of(head, w),
        form=form,
        seen=SEEN,
        shown=shown,
        decision=_decided(decision, names),
        outcome=label(w, shown.outcome),
        typed=[
            (name, value)
            for name, values in request.form.lists()
            for value in values
            if name not in ("csrf_token", SEEN)
        ],
    )


def _decided(decision: Settlement, names: dict[str, str]) -> list[tuple[str, str]]:
    """Rows of what is recorded."""
    w = page_wording()
    rows = [(_("Decision"), settlement_sentence(decision.kind, w)), (_("Reason"), decision.note)]
    if decision.services and decision.kind.value == "terminated":
        ended = w.listed([names.get(key, key) for key in decision.services])
        rows.insert(1, (_("Services that end"), ended))
    return rows
