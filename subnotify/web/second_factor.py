"""The second factor: its code after the password, setting it up, and an operator's own page."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from subnotify.config import Settings
from subnotify.delivery.sealing import SealBroken, SealedMail
from subnotify.operations.second_factor import (
    address_for_telephone,
    new_secret,
    open_secret,
    pass_second_factor,
    renew_recovery_codes,
    seal_secret,
    set_up_second_factor,
)
from subnotify.rules.errors import RuleError
from subnotify.rules.second_factor import (
    SecondFactorLocked,
    SecondFactorMissing,
    SetUpStale,
    must_have_second_factor,
)
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.second_factors import count_recovery_codes, find_second_factor
from subnotify.web.access import (
    current_operator,
    is_complete,
    needs_password,
    needs_password_again,
    needs_role,
    request_at,
    session_digest,
    session_state,
)
from subnotify.web.addresses import local_address
from subnotify.web.forms_base import PageForm, filled, strip
from subnotify.web.frame import find_vendor_profile

second_factor = Blueprint("second_factor", __name__)


class CodeForm(PageForm):
    code = StringField(
        _l("Code"), filters=[strip], validators=[filled(_l("Enter the code that it shows"))]
    )
    next = HiddenField()


class SetUpForm(CodeForm):
    # Encrypted: the key waits here until a code shows that the telephone has it.
    key = HiddenField()


@second_factor.route("/sign-in/code", methods=["GET", "POST"])
@needs_password
def code_page() -> Response | str | tuple[str, int]:
    """Asks for the code; leads on whoever needs none, or has no second factor yet."""
    form, state = CodeForm(), session_state()
    if is_complete(state):
        return _go_on(form.next.data or request.args.get("next"))
    if not state.has_factor:
        return redirect(url_for(".set_up_page", next=request.args.get("next")), code=303)
    if form.validate_on_submit():
        try:
            pass_second_factor(
                db.session(),
                state.operator,
                form.code.data or "",
                token_digest=session_digest(),
                seal_keys=(_settings().seal_key,),
                at=request_at(),
            )
        except SecondFactorMissing:
            return redirect(url_for(".set_up_page", next=form.next.data), code=303)
        except SecondFactorLocked as error:
            form.refuse(error)
            return render_template("account/code.html", form=form), 429
        except RuleError as error:
            form.refuse(error, form.code)
        else:
            return _go_on(form.next.data)
    elif request.method == "GET":
        form.next.data = request.args.get("next", "")
    return render_template("account/code.html", form=form)


@second_factor.route("/sign-in/set-up", methods=["GET", "POST"])
@needs_password
@needs_password_again
def set_up_page() -> Response | str:
    """Set a second factor up, or another one in the place of the present one."""
    form, state = SetUpForm(), session_state()
    if state.has_factor and not is_complete(state):
        # The password alone must not replace what guards against a stolen password.
        return redirect(url_for(".code_page", next=request.args.get("next")), code=303)
    secret = _secret_of(form, state.operator.id)
    if secret is None:
        secret = new_secret()
        if form.is_submitted():
            form.refuse(SetUpStale())
        else:
            form.next.data = request.args.get("next", "")
        form.key.data = _kept(seal_secret(secret, state.operator.id, _settings().seal_key))
    elif form.validate_on_submit():
        try:
            codes = set_up_second_factor(
                db.session(),
                state.operator,
                secret=secret,
                code=form.code.data or "",
                token_digest=session_digest(),
                may_replace=state.has_factor,
                seal_key=_settings().seal_key,
                at=request_at(),
            )
        except RuleError as error:
            form.refuse(error, form.code)
        else:
            return _show_recovery_codes(codes, local_address(form.next.data))
    vendor = find_vendor_profile()
    issuer = vendor.name if vendor else "subnotify"
    address = address_for_telephone(secret, name=state.operator.name, issuer=issuer)
    return render_template(
        "account/set_up.html",
        form=form,
        account_name=state.operator.name,
        is_required=must_have_second_factor(state.operator.roles),
        replaces=state.has_factor,
        picture=_picture(address),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        address=address,
    )


@second_factor.route("/desk/second-factor")
@needs_role(*Role)
def show_second_factor() -> str:
    """The operator's own factor: since when, and how many recovery codes are left."""
    operator = current_operator()
    return render_template(
        "account/second_factor.html",
        factor=find_second_factor(db.session(), operator.id),
        left=count_recovery_codes(db.session(), operator.id),
        is_required=must_have_second_factor(operator.roles),
    )


@second_factor.route("/desk/second-factor/recovery-codes", methods=["POST"])
@needs_role(*Role)
@needs_password_again
def renew_codes() -> Response | str:
    try:
        codes = renew_recovery_codes(db.session(), current_operator(), at=request_at())
    except SecondFactorMissing:
        flash(_("Set up a second factor first."), "error")
        return redirect(url_for(".show_second_factor"), code=303)
    return _show_recovery_codes(codes, url_for(".show_second_factor"))


def _show_recovery_codes(codes: tuple[str, ...], address: str | None) -> str:
    """Once, as the answer itself: no address shows them again."""
    return render_template(
        "account/recovery_codes.html", codes=codes, next_address=address or url_for("account.start")
    )


def _go_on(address: str | None) -> Response:
    return redirect(local_address(address) or url_for("account.start"), code=303)


def _secret_of(form: SetUpForm, operator_id: int) -> str | None:
    """The secret that the form carries, if it is one that we made for this operator."""
    try:
        digest, _dot, octets = (form.key.data or "").partition(".")
        sealed = SealedMail(digest, urlsafe_b64decode(octets.encode()))
        return open_secret(sealed, operator_id, (_settings().seal_key,))
    except (SealBroken, binascii.Error, ValueError):
        return None


def _kept(sealed: SealedMail) -> str:
    return f"{sealed.digest}.{urlsafe_b64encode(sealed.ciphertext).decode()}"


def _picture(address: str) -> Markup:
    """A QR code as SVG, black on white in both schemes, without any style of its own."""
    made = segno.make(address, error="m", micro=False)
    # The library wrote it, from an address that holds no markup.
    return Markup(
        made.svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    )


def _settings() -> Settings:
    found: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return found
