"""The transfer mechanisms that the vendor states, on the desk: the list page's chart shows them."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from subnotify.operations.keep_vendor import VendorChanged, keep_vendor, profile_digest
from subnotify.operations.load_transfer_reference import reference_in_use
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.vendor_mechanisms import Mechanism, mechanism_to_mapping
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.registry import get_vendor
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.chart_views import stated_name
from subnotify.web.language import page_wording
from subnotify.web.mechanism_forms import MechanismForm, form_data
from subnotify.web.registry_pages import registry, today
from subnotify.wording.mechanisms import use_words
from subnotify.wording.transfer_reasons import law_words

__all__ = ["registry"]


@registry.route("/vendor/mechanisms")
@needs_role(Role.LEGAL, Role.ADMIN)
def show_mechanisms() -> str:
    """What the vendor states, in the order in which it was entered."""
    w = page_wording()
    profile = _profile()
    reference = reference_in_use(db.session())
    rows = [
        (stated_name(x, reference, w), use_words(x.use, w), law_words(x.law, w), x.modified_on)
        for x in profile.mechanisms
    ]
    return render_template("desk/registry/mechanisms.html", rows=rows, seen=profile_digest(profile))


@registry.route("/vendor/mechanisms/new", methods=["GET", "POST"])
@needs_role(Role.LEGAL, Role.ADMIN)
def add_mechanism() -> ResponseReturnValue:
    profile = _profile()
    return _edit(MechanismForm(data={"seen": profile_digest(profile)}), profile, None)


@registry.route("/vendor/mechanisms/<int:number>", methods=["GET", "POST"])
@needs_role(Role.LEGAL, Role.ADMIN)
def edit_mechanism(number: int) -> ResponseReturnValue:
    """number: its place in the list, from 1."""
    profile = _profile()
    stored = form_data(_at(profile, number))
    form = MechanismForm(data={**stored, "seen": profile_digest(profile)})
    return _edit(form, profile, number)


@registry.route("/vendor/mechanisms/<int:number>/remove", methods=["POST"])
@needs_role(Role.LEGAL, Role.ADMIN)
def remove_mechanism(number: int) -> ResponseReturnValue:
    """What was given up is better kept with its last day; this is for what was entered wrongly."""
    profile = _profile()
    _at(profile, number)
    plain = _plain(profile.mechanisms)
    del plain[number - 1]
    try:
        _keep(plain, request.form.get("seen", ""))
    except VendorChanged:
        flash(_("Somebody else changed the vendor's profile meanwhile. Look again."), "warning")
    else:
        flash(_("The mechanism is removed."))
    return redirect(url_for(".show_mechanisms"), code=303)


def _edit(form: MechanismForm, profile: VendorProfile, number: int | None) -> ResponseReturnValue:
    w = page_wording()
    form.offer(reference_in_use(db.session()), w)
    if not form.validate_on_submit():
        return _page(form, number)
    stated = {**form.plain(), "modified_on": today().isoformat()}
    plain = _plain(profile.mechanisms)
    place = len(plain) if number is None else number - 1
    unchanged = number is not None and _without_day(plain[place]) == _without_day(stated)
    if unchanged:
        flash(_("All of it was on record already: nothing was changed."), "info")
        return redirect(url_for(".show_mechanisms"), code=303)
    plain[place : place + 1] = [stated]
    try:
        _keep(plain, form.seen.data or "")
    except ProblemsFound as refusal:
        form.refuse_problems(refusal.problems, w)
        return _page(form, number)
    except VendorChanged as refusal:
        form.refuse(refusal)
        form.seen.data = profile_digest(profile)
        return _page(form, number)
    flash(_("The mechanism is kept; the chart of the public list shows it."))
    return redirect(url_for(".show_mechanisms"), code=303)


def _page(form: MechanismForm, number: int | None) -> str:
    return render_template("desk/registry/mechanism.html", form=form, number=number)


def _keep(mechanisms: list[dict[str, Any]], seen: str) -> None:
    keep_vendor(db.session(), {"mechanisms": mechanisms}, seen=seen, at=request_at(), **who())


def _without_day(plain: dict[str, Any]) -> dict[str, Any]:
    """What is said, however it is written; the law follows from a code."""
    said = {name: str(value) for name, value in plain.items() if name != "modified_on"}
    if plain.get("code"):
        said.pop("law", None)
    return said


def _plain(mechanisms: Sequence[Mechanism]) -> list[dict[str, Any]]:
    return [mechanism_to_mapping(mechanism) for mechanism in mechanisms]


def _profile() -> VendorProfile:
    return get_vendor(db.session()).profile


def _at(profile: VendorProfile, number: int) -> Mechanism:
    """The mechanism at a place, from 1. Raises NotFound."""
    if not 1 <= number <= len(profile.mechanisms):
        raise NotFound
    return profile.mechanisms[number - 1]
