"""Tokens of machines: made and revoked by an administrator, shown once."""

from datetime import timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired

from subnotify.config import Settings
from subnotify.operations.keep_api_tokens import MadeToken, make_api_token, revoke_api_token
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.gate_tokens import TokenRevoked
from subnotify.rules.words import Role, TokenScope
from subnotify.storage.api_tokens import list_api_tokens
from subnotify.storage.database import db
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_forms import given_day
from subnotify.web.forms_base import DayField, PageForm, filled, strip

api_tokens = Blueprint("api_tokens", __name__, url_prefix="/desk/tokens")

OFFERED_LIFE = timedelta(days=180)


class TokenForm(PageForm):
    label = StringField(_l("Used by"), filters=[strip], validators=[filled(_l("Name the machine"))])
    last_day = DayField(_l("Last day"), validators=[InputRequired(_l("Give the day"))])


@api_tokens.route("", methods=["GET", "POST"])
@needs_role(Role.ADMIN)
def show_tokens() -> ResponseReturnValue:
    """The tokens, and the form for a new one. The answer to the form shows the token, once; it is
    not redirected, because the token is nowhere to be read again."""
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    today = request_at().astimezone(settings.zone).date()
    form = TokenForm(data={"last_day": today + OFFERED_LIFE})
    if not form.validate_on_submit():
        return _page(form, None), 422 if form.is_submitted() else 200
    operator = current_operator()
    try:
        made = make_api_token(
            db.session(),
            label=form.label.data or "",
            scope=TokenScope.GATE,
            last_day=given_day(form.last_day),
            zone=settings.zone,
            by=operator.name,
            actor=f"operator:{operator.id}",
            at=request_at(),
        )
    except ProblemsFound as refusal:
        form.refuse_at_fields(refusal)
        return _page(form, None), 422
    return _page(TokenForm(formdata=None, data={"last_day": today + OFFERED_LIFE}), made)


@api_tokens.route("/<int:token_id>/revoke", methods=["POST"])
@needs_role(Role.ADMIN)
def revoke(token_id: int) -> ResponseReturnValue:
    operator = current_operator()
    try:
        revoke_api_token(
            db.session(),
            token_id,
            by=operator.name,
            actor=f"operator:{operator.id}",
            at=request_at(),
        )
        flash(_("The token opens nothing any more."))
    except TokenRevoked:
        flash(_("This token was revoked already."), "info")
    return redirect(url_for(".show_tokens"), code=303)


def _page(form: TokenForm, made: MadeToken | None) -> str:
    return render_template(
        "desk/tokens/tokens.html",
        form=form,
        made=made,
        tokens=list_api_tokens(db.session()),
        at=request_at(),
        # Some change's; the number is the reader's to put in.
        example=url_for("api.tell_gate", change_id=1, _external=True),
    )
