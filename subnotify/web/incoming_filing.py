"""Legal's steps with an incoming mail: say to which notice it belongs, and what it is."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.file_mail import (
    MAY_BE_FILED_ANEW,
    FiledBefore,
    file_mail,
    tie_mail,
)
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import FiledAs, Role
from subnotify.storage.database import db
from subnotify.storage.incoming_file import IncomingFile, load_incoming_file
from subnotify.storage.incoming_hints import search_notices, suggest_notices
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.incoming_forms import FilingForm, TyingForm
from subnotify.web.incoming_views import (
    BY_PERSONS,
    as_plain,
    case_choices,
    filing_button,
    filing_sentences,
    filing_title,
    hint_words,
)
from subnotify.web.language import page_wording
from subnotify.wording.labels import label

incoming_filing = Blueprint("incoming_filing", __name__, url_prefix="/desk/mail/<int:mail_id>")


@incoming_filing.route("/file/<filed_as>", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def file_page(mail_id: int, filed_as: str) -> str | Response | tuple[str, int]:
    """What it is, with the changes it speaks of: chosen already where only one is open."""
    if filed_as not in {one.value for one in BY_PERSONS}:
        abort(404)
    chosen = FiledAs(filed_as)
    file = load_incoming_file(db.session(), mail_id)
    if _is_filed(file) and request.method == "GET":
        return _filed_before(file)
    if file.row.notice_id is None and chosen is not FiledAs.NO_ANSWER:
        flash(_("Say first to which notice this mail belongs."), "info")
        return redirect(url_for(".tie_page", mail_id=mail_id), code=303)
    w = page_wording()
    form = FilingForm().offer(chosen, case_choices(file, w))
    if form.validate_on_submit():
        try:
            _file(mail_id, chosen, form)
        except NotFound:
            raise
        except FiledBefore:
            return _filed_before(load_incoming_file(db.session(), mail_id))
        except RuleError as error:
            form.refuse(error, form.case_ids if "case_ids" in form else None)
        else:
            flash(_("The mail is filed: %(name)s.", name=label(w, chosen)))
            return redirect(_after(mail_id), code=303)
    shown = render_template(
        "desk/incoming/file.html",
        file=file,
        mail=file.row,
        form=form,
        title=filing_title(chosen, w),
        said=filing_sentences(chosen, is_tied=file.row.client_id is not None, w=w),
        button_text=filing_button(chosen, w),
        plain=as_plain,
    )
    return (shown, 422) if form.errors else shown


@incoming_filing.route("/tie", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def tie_page(mail_id: int) -> str | Response | tuple[str, int]:
    """Search a notice, and say that the mail belongs to it."""
    file = load_incoming_file(db.session(), mail_id)
    if _is_filed(file):
        return _filed_before(file)
    form = TyingForm()
    if form.validate_on_submit():
        try:
            tie_mail(db.session(), mail_id, form.notice_id.data or 0, at=request_at(), **who())
        except FiledBefore:
            return _filed_before(load_incoming_file(db.session(), mail_id))
        except NotFound:
            form.refuse_with(_("This notice was not found. Search it again."))
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("The mail is tied to this notice. Now say what it is."))
            return redirect(url_for("incoming.show_mail", mail_id=mail_id), code=303)
    shown = render_template("desk/incoming/tie.html", **_tying(file, form))
    return (shown, 422) if form.errors else shown


def _tying(file: IncomingFile, form: TyingForm) -> dict[str, Any]:
    session, w = db.session(), page_wording()
    search = (request.args.get("search") or "").strip()[:200]
    return {
        "file": file,
        "mail": file.row,
        "form": form,
        "search": search,
        "found": [(one, "") for one in search_notices(session, search)],
        "hints": [
            (one, hint_words(one.hint, w) if one.hint else "")
            for one in suggest_notices(session, file.row)
        ],
        "plain": as_plain,
    }


def _file(mail_id: int, filed_as: FiledAs, form: FilingForm) -> None:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    file_mail(
        db.session(),
        mail_id,
        filed_as,
        form.chosen(),
        form.note.data or "",
        legal_email=settings.legal_email,
        at=request_at(),
        **who(),
    )


def _is_filed(file: IncomingFile) -> bool:
    """For good: something was recorded from it."""
    row = file.row
    return (
        row.filed_at is not None
        and row.filed_as is not None
        and FiledAs(row.filed_as) not in MAY_BE_FILED_ANEW
    )


def _filed_before(file: IncomingFile) -> Response:
    """Somebody was faster, or the button was pressed twice: what stands is shown."""
    row, w = file.row, page_wording()
    if row.filed_as is not None and row.filed_at is not None:
        flash(
            _(
                "This mail was filed before, on %(instant)s by %(name)s: %(filed_as)s. Nothing was"
                " recorded twice.",
                instant=w.date_time(row.filed_at),
                name=row.filed_by or "",
                filed_as=label(w, FiledAs(row.filed_as)),
            ),
            "info",
        )
    return redirect(url_for("incoming.show_mail", mail_id=row.id), code=303)


def _after(mail_id: int) -> str:
    """The mail, with what was recorded from it."""
    return url_for("incoming.show_mail", mail_id=mail_id)
