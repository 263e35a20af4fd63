"""The client reads a proposal to meet its objection, and accepts it by a code or refuses it."""

import logging

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired

from subnotify.delivery.headers import UnsafeHeader
from subnotify.delivery.one_off import OneOffMailFailed
from subnotify.operations.answer_proposal import (
    ProposalAnswer,
    answer_by_link,
    confirm_acceptance,
)
from subnotify.operations.issue_code import IssuedCode
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.objection_steps import ObjectionStep, answer_to, open_proposal
from subnotify.rules.responses import LONGEST_NAME
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import ContactKind, StepKind
from subnotify.storage.database import db
from subnotify.storage.notice_reading import ChangeShown
from subnotify.web.access import notice_link_route, request_at, token_digest
from subnotify.web.account import MAILER
from subnotify.web.csrf import csrf_in_form
from subnotify.web.forms_base import at_most, filled, strip
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import current_language, page_wording
from subnotify.web.notice.facts import change_facts
from subnotify.web.notice.forms import AgainForm, CodeForm, LinkForm
from subnotify.web.notice.opening import (
    OpenedNotice,
    Page,
    code_key,
    notice_pages,
    open_page,
    settings,
)
from subnotify.web.notice.sayings import mask_address
from subnotify.wording.change_facts import change_title
from subnotify.wording.mail_code import code_mail
from subnotify.wording.mail_party import Party
from subnotify.wording.mail_steps import measure_sentence

logger = logging.getLogger(__name__)
_LONGEST_REMARK = 2_000


class ProposalForm(LinkForm):
    """Both answers weigh the same; the name is what a scanner that presses buttons lacks."""

    answer = RadioField(
        lazy_gettext("Your answer"),
        validators=[InputRequired(lazy_gettext("Choose whether you accept or refuse."))],
    )
    by_name = StringField(
        lazy_gettext("Your first and last name"),
        filters=[strip],
        validators=[
            filled(lazy_gettext("Your name is missing. Enter your first and last name.")),
            at_most(LONGEST_NAME),
        ],
    )
    text = TextAreaField(
        lazy_gettext("A remark"), filters=[strip], validators=[at_most(_LONGEST_REMARK)]
    )

    def offer(self) -> "ProposalForm":
        self.answer.choices = [
            (StepKind.ACCEPTED.value, gettext("We accept: our objection is settled so.")),
            (StepKind.REFUSED.value, gettext("We refuse: our objection stands.")),
        ]
        return self


def _find(opened: OpenedNotice, step_id: int) -> tuple[ChangeShown, ObjectionStep]:
    """The proposal, once its mail left. Raises NotFound, as for another notice's."""
    for change in opened.changes:
        for step in opened.steps.get(change.case_id, ()):
            if step.id == step_id and step.kind is StepKind.PROPOSED and step.stands(opened.at):
                return change, step
    raise NotFound


def _is_open(opened: OpenedNotice, change: ChangeShown, proposal: ObjectionStep) -> bool:
    facts, steps = opened.facts[change.case_id], opened.steps[change.case_id]
    found = open_proposal(facts, steps, at=opened.at)
    return found is not None and found.id == proposal.id


def _awaiting(
    opened: OpenedNotice, change: ChangeShown, proposal: ObjectionStep
) -> ObjectionStep | None:
    """The acceptance of this link's contact that awaits its code."""
    for step in opened.steps[change.case_id]:
        mine = (step.about_id, step.contact_id) == (proposal.id, opened.link.contact_id)
        if mine and step.kind is StepKind.ACCEPTED and step.counts_at is None:
            return step
    return None


@notice_pages.route("/proposals/<int:step_id>", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def proposal_page(token: str, step_id: int) -> Page:
    opened = open_page(token)
    change, proposal = _find(opened, step_id)
    form = ProposalForm().offer()
    if request.method == "POST":
        if not form.validate():
            form.explain_stale()
        else:
            answer = ProposalAnswer(
                StepKind(form.answer.data), form.by_name.data or "", form.text.data or ""
            )
            try:
                return _answer(opened, change, proposal, answer)
            except NotFound:
                raise
            except RuleError as error:
                form.refuse(error)
    return _show(opened, change, proposal, form)


def _show(
    opened: OpenedNotice, change: ChangeShown, proposal: ObjectionStep, form: ProposalForm
) -> str:
    w = page_wording()
    facts = change_facts(change)
    name = (facts.before or facts.facts).name
    return render_template(
        "notice/proposal.html",
        opened=opened,
        form=form,
        title=change_title(facts, w),
        proposal=proposal,
        measure=measure_sentence(proposal.measure, name, w) if proposal.measure else "",
        is_open=_is_open(opened, change, proposal),
        may_answer=opened.link.contact_kind is ContactKind.NOTICE,
        answered=answer_to(opened.steps[change.case_id], proposal, at=opened.at),
        awaiting=_awaiting(opened, change, proposal),
        address=mask_address(opened.link.contact_email),
    )


def _answer(
    opened: OpenedNotice, change: ChangeShown, proposal: ObjectionStep, answer: ProposalAnswer
) -> Page:
    taken = answer_by_link(
        db.session(),
        token_digest(opened.token),
        change.case_id,
        proposal.id,
        answer,
        legal_email=settings().legal_email,
        code_key=code_key(),
        at=request_at(),
    )
    if taken.issued is None:
        flash(gettext("Your answer is recorded: you refuse the proposal, your objection stands."))
        return redirect(
            url_for(".proposal_page", token=opened.token, step_id=proposal.id), code=303
        )
    _mail_code(opened, change, taken.issued)
    return redirect(
        url_for(".proposal_code_page", token=opened.token, step_id=proposal.id), code=303
    )


@notice_pages.route("/proposals/<int:step_id>/code", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def proposal_code_page(token: str, step_id: int) -> Page:
    opened = open_page(token)
    change, proposal = _find(opened, step_id)
    back = redirect(url_for(".proposal_page", token=token, step_id=step_id), code=303)
    awaiting = _awaiting(opened, change, proposal)
    if awaiting is None or not _is_open(opened, change, proposal):
        return back
    form = CodeForm()
    if request.method == "POST" and not form.validate():
        form.explain_stale()
    elif request.method == "POST" and not form.code.data:
        form.refuse_with(gettext("Enter the code from the mail."), form.code)
    elif request.method == "POST" and _confirm(opened, change, awaiting, form):
        flash(gettext("You have accepted the proposal: your objection is settled."))
        return back
    return _show_code(opened, step_id, form, AgainForm(formdata=None))


@notice_pages.route("/proposals/<int:step_id>/code/again", methods=["POST"])
@notice_link_route
@csrf_in_form
def proposal_code_again(token: str, step_id: int) -> Page:
    opened = open_page(token)
    change, proposal = _find(opened, step_id)
    awaiting = _awaiting(opened, change, proposal)
    if awaiting is None:
        raise NotFound
    form = AgainForm()
    if not form.validate():
        form.explain_stale()
        return _show_code(opened, step_id, CodeForm(formdata=None), form)
    try:
        answer = ProposalAnswer(StepKind.ACCEPTED, awaiting.taken_by, awaiting.text)
        page = _answer(opened, change, proposal, answer)
    except NotFound:
        raise
    except RuleError as error:
        form.refuse(error)
        return _show_code(opened, step_id, CodeForm(formdata=None), form)
    flash(gettext("A new code is on its way. Earlier codes no longer work."))
    return page


def _show_code(opened: OpenedNotice, step_id: int, form: CodeForm, again: AgainForm) -> str:
    return render_template(
        "notice/proposal_code.html",
        opened=opened,
        step_id=step_id,
        form=form,
        again=again,
        address=mask_address(opened.link.contact_email),
    )


def _confirm(
    opened: OpenedNotice, change: ChangeShown, awaiting: ObjectionStep, form: CodeForm
) -> bool:
    try:
        confirm_acceptance(
            db.session(),
            token_digest(opened.token),
            change.case_id,
            awaiting.id,
            form.code.data or "",
            legal_email=settings().legal_email,
            code_key=code_key(),
            at=request_at(),
        )
    except NotFound:
        raise
    except RuleError as error:
        form.refuse(error, form.code)
        return False
    return True


def _mail_code(opened: OpenedNotice, change: ChangeShown, issued: IssuedCode) -> None:
    """Send the code; where that fails the next page says so and offers to send another."""
    w, shown = page_wording(), opened.shown
    party = Party(shown.client_name, shown.agreement_reference, shown.brief.reference)
    mail = code_mail(
        issued.code,
        StepKind.ACCEPTED,
        [change_title(change_facts(change), w)],
        party,
        find_vendor_profile() or VendorProfile(name=""),
        w,
        expires_at=issued.expires_at,
    )
    # What was read is enough: no lock is held while the mail server is asked.
    db.session.rollback()
    try:
        current_app.extensions[MAILER].send(
            issued.to_address,
            mail.subject,
            mail.text,
            mail.html,
            at=request_at(),
            language=current_language(),
        )
    except (OneOffMailFailed, UnsafeHeader, OSError):
        logger.exception("a code for notice %s was not sent", opened.link.notice_id)
        flash(
            gettext(
                "The mail with the code could not be sent. Your answer is kept, but does not count"
                " yet: have the code sent again in a few minutes."
            ),
            "warning",
        )
