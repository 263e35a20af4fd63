"""A link of the portal whose sign-in is over: says so, and gives back what was typed."""

from flask import render_template

from subnotify.storage.database import db
from subnotify.web.csrf import is_from_elsewhere
from subnotify.web.notice.forms import AnswerForm
from subnotify.web.notice.opening import SignInEnded, notice_pages


@notice_pages.errorhandler(SignInEnded)
def show_ended_sign_in(_error: SignInEnded) -> tuple[str, int]:
    """Shows what this very request sent, and nothing of the notice."""
    db.session.rollback()
    form = AnswerForm()
    fields = (
        form.text,
        form.conditions,
        form.named_name,
        form.named_address,
        form.by_name,
        form.by_role,
    )
    # What another site sent here its reader never wrote.
    typed = [] if is_from_elsewhere() else [field for field in fields if field.data]
    return render_template("notice/ended.html", typed=typed), 403
