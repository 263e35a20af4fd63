"""Steps about a letter that need a confirmation: a page that says what follows, and a button."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.lock_corrections import EventCorrectionDecided
from subnotify.operations.press_letters import TypesetPress
from subnotify.operations.send_electronically import send_electronically, send_on_paper
from subnotify.rules.errors import NotFound, ProblemsFound, RuleError
from subnotify.rules.words import Role
from subnotify.storage.database import begin_read_only, db
from subnotify.storage.letter_pages import load_letter_file
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.forms_base import PageForm
from subnotify.web.language import page_wording
from subnotify.web.letter_views import settings, translated

letter_steps = Blueprint("letter_steps", __name__, url_prefix="/desk/letters/<int:letter_id>")


@dataclass(frozen=True)
class LetterStep:
    """said: what follows, a paragraph each. done: told once it is done."""

    title: str
    button: str
    done: str
    said: Sequence[str] = ()
    is_grave: bool = False


def take_letter_step(letter_id: int, step: LetterStep, act: Callable[[], object]) -> str | Response:
    """Show what follows; once it is confirmed, act and go back to the letter, which also says who
    decided a correction before."""
    file = load_letter_file(db.session(), letter_id)
    back = redirect(url_for("letter_files.show_letter", letter_id=letter_id), code=303)
    form = PageForm()
    if form.is_submitted():
        db.session().rollback()
        try:
            if form.validate() and _act(form, act):
                flash(step.done)
                return back
        except EventCorrectionDecided as error:
            flash(_(error.message), "info")
            return back
        begin_read_only(db.session())
        file = load_letter_file(db.session(), letter_id)
    return render_template("desk/letters/step.html", form=form, line=file.line, step=step)


def _act(form: PageForm, act: Callable[[], object]) -> bool:
    try:
        act()
    except (NotFound, EventCorrectionDecided):
        raise
    except ProblemsFound as error:
        w = page_wording()
        form.refuse_at_fields(ProblemsFound(tuple(translated(x, w) for x in error.problems)))
    except RuleError as error:
        form.refuse(error)
    else:
        return True
    return False


@letter_steps.route("/electronic", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def electronic_page(letter_id: int) -> str | Response:
    """Send it as an electronic registered letter instead of on paper."""
    at = request_at()
    step = LetterStep(
        title=_("Send as an electronic registered letter"),
        button=_("Write it for the electronic registered letter service"),
        done=_(
            "The letter is written. Download it, and send it with your service for electronic"
            " registered letters."
        ),
        said=(
            _(
                "The letter is not printed. Its PDF is written and sealed now: download it, send it"
                " with your service for electronic registered letters, and enter the proof of"
                " deposit, the first presentation and the receipt as what became of the letter."
            ),
            _(
                "It counts as registered post where the service is a qualified one"
                " (article L100 of the Code des postes et des communications électroniques,"
                " Article 44 of Regulation (EU) No 910/2014). A recipient who is no professional"
                " must have agreed to receive such letters."
            ),
        ),
    )
    return take_letter_step(
        letter_id,
        step,
        lambda: send_electronically(
            db.session(),
            letter_id,
            TypesetPress(settings().public_url, settings().vendor_time_zone, at),
            seal_key=settings().seal_key,
            zone=settings().zone,
            at=at,
            **who(),
        ),
    )


@letter_steps.route("/paper", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def paper_page(letter_id: int) -> str | Response:
    """Print it after all, while nothing of it is on record."""
    step = LetterStep(
        title=_("Send on paper after all"),
        button=_("Print this letter"),
        done=_("The letter waits for the next batch."),
        said=(
            _(
                "Nothing of it may have been sent. The letter is written anew for the next batch,"
                " and the link in this copy stops to work: destroy what you downloaded."
            ),
        ),
    )
    return take_letter_step(
        letter_id,
        step,
        lambda: send_on_paper(db.session(), letter_id, at=request_at(), **who()),
    )
