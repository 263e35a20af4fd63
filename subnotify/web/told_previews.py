"""The mails that legal's steps would send, shown on the pages of these steps."""

from datetime import date

from flask import current_app, render_template

from subnotify.config import Settings
from subnotify.operations.preview_told import (
    ToldPreview,
    preview_extension,
    preview_postponement,
    preview_withdrawal,
)
from subnotify.operations.render_messages import MailContext
from subnotify.storage.case_head import CaseHead
from subnotify.storage.database import db
from subnotify.web.access import request_at
from subnotify.web.case_steps import Shown, Step
from subnotify.web.case_views import title_of
from subnotify.web.forms_base import PageForm
from subnotify.web.language import page_wording

# The field that says for which day the mail was shown.
SEEN = "seen"


def show_extension(
    head: CaseHead, form: PageForm, step: Step, fields: list[Shown], last_day: date
) -> str:
    """The step's page with the mail below its fields. Raises as `preview_extension`."""
    told = preview_extension(
        db.session(), head.case.id, last_day, context=_context(), at=request_at()
    )
    return render_template(
        "desk/cases/step.html",
        head=head,
        title=title_of(head, page_wording()),
        form=form,
        step=step,
        fields=fields,
        told=told,
        seen_name=SEEN,
        seen_value=last_day.isoformat(),
    )


def withdrawal_of(change_id: int) -> ToldPreview | None:
    """The mail to the first of the clients that would be told; None where nobody would be."""
    return preview_withdrawal(db.session(), change_id, context=_context(), at=request_at())


def postponement_of(release_id: int, change_id: int, on: date) -> ToldPreview | None:
    """The same for a later day of commencement. Raises as `preview_postponement`."""
    return preview_postponement(
        db.session(), release_id, change_id, on, context=_context(), at=request_at()
    )


def _context() -> MailContext:
    known: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return MailContext(known.public_url, known.vendor_time_zone)
