"""Who may sign in: operators are added, get roles, are let in no more, and get a new telephone."""

import secrets

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import StringField

from subnotify.delivery.one_off import OneOffMailFailed
from subnotify.operations.add_operator import (
    OperatorEmailInvalid,
    OperatorExists,
    OperatorNameInvalid,
    OperatorWithoutRole,
    add_operator,
)
from subnotify.operations.keep_operators import (
    LastAdministrator,
    activate_operator,
    deactivate_operator,
    give_roles,
)
from subnotify.operations.reset_second_factor import reset_second_factor
from subnotify.operations.sign_in import TOKENS_KEPT_FOR
from subnotify.rules.errors import NotFound
from subnotify.rules.second_factor import (
    OperatorUnknown,
    SecondFactorMissing,
    must_have_second_factor,
)
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.operator_lines import OperatorLine, list_operator_lines
from subnotify.storage.operators import Operator
from subnotify.web.access import (
    current_operator,
    needs_password_again,
    needs_role,
    request_at,
)
from subnotify.web.errors import rule_sentences
from subnotify.web.forms_base import CheckboxesField, PageForm, email_address, filled, strip
from subnotify.web.operator_mails import tell_of_account, tell_of_reset

operators = Blueprint("operators", __name__, url_prefix="/desk/operators")


class RolesForm(PageForm):
    roles = CheckboxesField(_l("Roles"), coerce=Role)

    def offer(self) -> None:
        self.roles.choices = [(role, _words(role)) for role in Role]


class OperatorForm(RolesForm):
    name = StringField(
        _l("Name"), filters=[strip], validators=[filled(_l("Write the person's name"))]
    )
    email = StringField(
        _l("Email address"),
        filters=[strip],
        validators=[email_address(_l("Write an email address, for example ana@example.com"))],
    )


@operators.route("", methods=["GET", "POST"])
@needs_role(Role.ADMIN)
@needs_password_again
def show_operators() -> str | Response | tuple[str, int]:
    """Everybody who may or might sign in, and the form for one more."""
    form = OperatorForm()
    form.offer()
    if not form.validate_on_submit():
        return _list_page(form), 422 if form.is_submitted() else 200
    try:
        added = add_operator(
            db.session(),
            name=form.name.data or "",
            email=form.email.data or "",
            roles=form.roles.data or (),
            # Nobody knows it: the person chooses one by the link of a mail.
            password=secrets.token_urlsafe(32),
            actor=_actor(),
            at=request_at(),
        )
    except OperatorNameInvalid as error:
        form.refuse(error, form.name)
    except OperatorEmailInvalid as error:
        form.refuse(error, form.email)
    except OperatorWithoutRole as error:
        form.refuse(error, form.roles)
    except OperatorExists as error:
        form.refuse(error)
    else:
        _tell_of_account(added)
        return _to(added.id)
    return _list_page(form), 422


@operators.route("/<int:operator_id>", methods=["GET", "POST"])
@needs_role(Role.ADMIN)
@needs_password_again
def show_operator(operator_id: int) -> str | Response | tuple[str, int]:
    """One operator, and the form of the roles."""
    line = _get(operator_id)
    form = RolesForm(data={"roles": [role for role in Role if role in line.operator.roles]})
    form.offer()
    db.session.rollback()
    if not form.validate_on_submit():
        return _page(line, form), 422 if form.is_submitted() else 200
    try:
        changed = give_roles(
            db.session(), operator_id, form.roles.data or (), actor=_actor(), at=request_at()
        )
    except (LastAdministrator, OperatorWithoutRole) as error:
        form.refuse(error, form.roles)
        return _page(line, form), 422
    if changed:
        flash(_("%(name)s has these roles from now on.", name=line.operator.name))
    return _to(operator_id)


@operators.route("/<int:operator_id>/deactivate", methods=["POST"])
@needs_role(Role.ADMIN)
@needs_password_again
def deactivate(operator_id: int) -> Response:
    name = _get(operator_id).operator.name
    db.session.rollback()
    try:
        done = deactivate_operator(db.session(), operator_id, actor=_actor(), at=request_at())
    except LastAdministrator as error:
        flash(rule_sentences(error)[0], "error")
    else:
        if done:
            flash(_("%(name)s signs in no more; all sessions have ended.", name=name))
    return _to(operator_id)


@operators.route("/<int:operator_id>/activate", methods=["POST"])
@needs_role(Role.ADMIN)
@needs_password_again
def activate(operator_id: int) -> Response:
    name = _get(operator_id).operator.name
    db.session.rollback()
    if activate_operator(db.session(), operator_id, actor=_actor(), at=request_at()):
        flash(_("%(name)s may sign in again.", name=name))
    return _to(operator_id)


@operators.route("/<int:operator_id>/reset-second-factor", methods=["POST"])
@needs_role(Role.ADMIN)
@needs_password_again
def reset(operator_id: int) -> Response:
    """For somebody who lost telephone and recovery codes."""
    operator = _get(operator_id).operator
    db.session.rollback()
    try:
        reset_second_factor(db.session(), operator.name, actor=_actor(), at=request_at())
    except (SecondFactorMissing, OperatorUnknown) as error:
        flash(rule_sentences(error)[0], "error")
        return _to(operator_id)
    flash(_("The second factor is reset; all sessions of %(name)s have ended.", name=operator.name))
    try:
        tell_of_reset(operator, at=request_at())
    except OneOffMailFailed:
        _tell_yourself(operator)
    return _to(operator_id)


def _tell_of_account(added: Operator) -> None:
    try:
        tell_of_account(added, by=current_operator().name, at=request_at())
    except OneOffMailFailed:
        _tell_yourself(added)
    else:
        flash(
            _(
                "%(name)s is added, and told by mail how to choose a password.",
                name=added.name,
            )
        )


def _tell_yourself(operator: Operator) -> None:
    flash(
        _(
            "The mail to %(address)s was not sent: tell %(name)s yourself.",
            address=operator.email,
            name=operator.name,
        ),
        "error",
    )


def _list_page(form: OperatorForm) -> str:
    return render_template(
        "desk/operators/list.html",
        form=form,
        lines=list_operator_lines(db.session()),
        kept_days=TOKENS_KEPT_FOR.days,
    )


def _page(line: OperatorLine, form: RolesForm) -> str:
    return render_template(
        "desk/operators/operator.html",
        line=line,
        form=form,
        must_have=must_have_second_factor(line.operator.roles),
        is_self=line.operator.id == current_operator().id,
        kept_days=TOKENS_KEPT_FOR.days,
    )


def _get(operator_id: int) -> OperatorLine:
    for line in list_operator_lines(db.session()):
        if line.operator.id == operator_id:
            return line
    raise NotFound


def _words(role: Role) -> str:
    """What a role may do, for whoever gives it."""
    if role is Role.PUBLISHER:
        return str(_("publisher: drafts, releases and keeps the list"))
    if role is Role.LEGAL:
        return str(_("legal: approves releases, decides objections, closes cases"))
    return str(_("administrator: operators, tokens, the vendor's own transfer mechanisms"))


def _actor() -> str:
    return f"operator:{current_operator().id}"


def _to(operator_id: int) -> Response:
    return redirect(url_for(".show_operator", operator_id=operator_id), code=303)
