"""Windows computed anew with newer holidays and time zones: legal gives the longer ones."""

from math import ceil

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response
from wtforms import HiddenField

from subnotify.config import Settings
from subnotify.operations.apply_recomputation import (
    Applied,
    apply_recomputations,
    dismiss_recomputation,
)
from subnotify.operations.longer_mails import preview_longer_mail
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.recomputations import MAY_BE_APPLIED, ProposalState, Recomputed
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.recomputation_pages import (
    PAGE_SIZE,
    ListedProposal,
    count_proposals,
    count_to_serve_anew,
    find_listed,
    list_applicable,
    list_proposals,
    list_to_serve_anew,
)
from subnotify.storage.tables import WindowProposalRow
from subnotify.web.access import needs_password_again, needs_role, request_at
from subnotify.web.case_forms import ConfirmForm, ReasonForm
from subnotify.web.case_steps import who
from subnotify.web.forms_base import PageForm
from subnotify.web.language import page_wording
from subnotify.web.recomputation_views import window_views
from subnotify.wording.mails import MailText
from subnotify.wording.recomputations import kind_sentence, kind_words, state_sentence

recomputations = Blueprint("recomputations", __name__, url_prefix="/desk/recomputations")

LAST_PAGE = 100_000


class ApplyAllForm(PageForm):
    """up_to: the highest number on the page that was confirmed; what came later waits."""

    up_to = HiddenField()


@recomputations.route("")
@needs_role(Role.LEGAL)
def show_recomputations() -> str:
    session, w = db.session(), page_wording()
    kind = _kind()
    counts = count_proposals(session)
    total = counts.get(kind, 0) if kind else sum(counts.values())
    page = _page()
    listed = list_proposals(session, kind, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    pages = max(1, ceil(total / PAGE_SIZE))
    return render_template(
        "desk/recomputations/list.html",
        listed=[(x, window_views(x, w)) for x in listed],
        kinds=[(x, kind_words(x, w), counts[x]) for x in Recomputed if counts.get(x)],
        kind=kind,
        total=sum(counts.values()),
        applicable=sum(counts.get(x, 0) for x in MAY_BE_APPLIED),
        to_serve_anew=list_to_serve_anew(session, limit=PAGE_SIZE),
        to_serve_anew_count=count_to_serve_anew(session),
        page=page,
        page_count=pages,
        earlier=_address(kind, page - 1) if page > 1 else None,
        later=_address(kind, page + 1) if page < pages else None,
    )


@recomputations.route("/<int:proposal_id>")
@needs_role(Role.LEGAL)
def show_recomputation(proposal_id: int) -> str:
    return _detail(proposal_id, ReasonForm(formdata=None))


@recomputations.route("/<int:proposal_id>/apply", methods=["POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def apply_one(proposal_id: int) -> Response | tuple[str, int]:
    """Give the longer window. Pressed twice, the second one changes nothing."""
    form = ConfirmForm()
    _listed(proposal_id)
    db.session.rollback()
    if form.validate():
        try:
            done = apply_recomputations(db.session(), [proposal_id], at=request_at(), **who())
        except RuleError as error:
            form.refuse(error)
        else:
            _tell(done)
            return redirect(url_for(".show_recomputations"), code=303)
    return _detail(proposal_id, ReasonForm(formdata=None), refused=form), 422


@recomputations.route("/<int:proposal_id>/dismiss", methods=["POST"])
@needs_role(Role.LEGAL)
def dismiss(proposal_id: int) -> Response | tuple[str, int]:
    """Leave the window as it runs, with a reason."""
    form = ReasonForm()
    if form.validate():
        try:
            dismiss_recomputation(
                db.session(), proposal_id, note=form.note.data or "", at=request_at(), **who()
            )
        except NotFound:
            raise
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("The window stays as it is; the reason is recorded."))
            return redirect(url_for(".show_recomputations"), code=303)
    return _detail(proposal_id, form, refused=form), 422


@recomputations.route("/apply-all", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def apply_all() -> Response | str:
    """All longer windows at once, after a look at how many there are and at one of the mails."""
    form = ApplyAllForm()
    if form.validate_on_submit():
        ids = list_applicable(db.session(), up_to_id=_number(form.up_to.data))
        db.session.rollback()
        _tell(apply_recomputations(db.session(), ids, at=request_at(), **who()))
        return redirect(url_for(".show_recomputations"), code=303)
    ids = list_applicable(db.session())
    form.up_to.data = str(ids[-1]) if ids else "0"
    mails = ((x, _mail(x)) for x in ids[:PAGE_SIZE])
    number, mail = next(((x, mail) for x, mail in mails if mail is not None), (0, None))
    return render_template(
        "desk/recomputations/apply_all.html",
        form=form,
        count=len(ids),
        mail=mail,
        language=_listed(number).notice.language if mail else None,
    )


def _detail(proposal_id: int, form: ReasonForm, *, refused: PageForm | None = None) -> str:
    listed, w = _listed(proposal_id), page_wording()
    row = db.session().get_one(WindowProposalRow, proposal_id)
    is_open = listed.state is ProposalState.PROPOSED
    applicable = is_open and listed.kind in MAY_BE_APPLIED
    return render_template(
        "desk/recomputations/recomputation.html",
        listed=listed,
        row=row,
        views=window_views(listed, w),
        kind_name=kind_words(listed.kind, w),
        effect=kind_sentence(listed.kind, w),
        state=state_sentence(listed.state, w),
        is_open=is_open,
        applicable=applicable,
        mail=_mail(proposal_id) if applicable else None,
        form=form,
        refused=refused,
    )


def _listed(proposal_id: int) -> ListedProposal:
    listed = find_listed(db.session(), proposal_id)
    if listed is None:
        raise NotFound
    return listed


def _mail(proposal_id: int) -> MailText | None:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return preview_longer_mail(
        db.session(),
        proposal_id,
        public_url=settings.public_url,
        vendor_time_zone=settings.vendor_time_zone,
        at=request_at(),
    )


def _tell(done: Applied) -> None:
    """What was done, and what was left alone."""
    flash(
        ngettext(
            "The longer window is given for %(num)s notice.",
            "The longer windows are given for %(num)s notices.",
            done.notices,
        )
        if done.notices
        else _("Nothing was changed.")
    )
    if done.cases:
        flash(
            ngettext(
                "%(num)s case has a later deadline; the client is told by mail.",
                "%(num)s cases have a later deadline; the clients are told by mail.",
                done.cases,
            )
        )
    if done.closed_cases:
        flash(
            ngettext(
                "%(num)s case was closed meanwhile and stays as it is.",
                "%(num)s cases were closed meanwhile and stay as they are.",
                done.closed_cases,
            )
        )
    if done.outdated:
        flash(
            ngettext(
                "%(num)s notice runs no such window any more: its cases ended, or it was served"
                " anew.",
                "%(num)s notices run no such window any more: their cases ended, or they were"
                " served anew.",
                done.outdated,
            )
        )
    if done.decided:
        flash(_("This was decided before."))


def _kind() -> Recomputed | None:
    asked = request.args.get("kind", "")
    return Recomputed(asked) if asked in set(Recomputed) else None


def _page() -> int:
    return min(max(1, _number(request.args.get("page")) or 1), LAST_PAGE)


def _number(text: str | None) -> int:
    # Larger than any id: the database would refuse it.
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _address(kind: Recomputed | None, page: int) -> str:
    return url_for(
        ".show_recomputations", kind=kind.value if kind else None, page=page if page > 1 else None
    )
