"""The vendor's profile on the desk: what the list says of it, and the export laws that count."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from subnotify.operations.keep_vendor import (
    VendorChanged,
    keep_vendor,
    profile_digest,
    unlawful_under,
)
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.registry import get_vendor
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.country_choices import country_choices, with_stored
from subnotify.web.forms_base import CheckboxesField, PageForm, filled, strip
from subnotify.web.language import page_wording
from subnotify.web.registry_pages import registry, today
from subnotify.wording.problems import problem_text
from subnotify.wording.transfer_reasons import law_words

__all__ = ["registry"]

CONFIRMED = "confirmed"
_TEXTS = (
    *("name", "address", "country", "contact_name", "contact_email", "contact_address"),
    *("authority_name", "authority_address", "authority_website"),
)


class VendorForm(PageForm):
    """seen: a digest of the profile that the page showed."""

    seen = HiddenField()
    name = StringField(_l("Name"), filters=[strip], validators=[filled(_l("Write the name"))])
    address = TextAreaField(_l("Postal address"), filters=[strip])
    country = SelectField(_l("Country"), validate_choice=False)
    contact_name = StringField(_l("Name"), filters=[strip])
    contact_email = StringField(
        _l("Email"), filters=[strip], validators=[filled(_l("Write the email address"))]
    )
    contact_address = TextAreaField(_l("Postal address"), filters=[strip])
    authority_name = StringField(_l("Name"), filters=[strip])
    authority_address = TextAreaField(_l("Postal address"), filters=[strip])
    authority_website = StringField(_l("Website"), filters=[strip])
    laws = CheckboxesField(_l("Export laws of the clients' data"))

    def plain(self) -> dict[str, Any]:
        return {**{x: self[x].data or "" for x in _TEXTS}, "laws": self.laws.data or []}


@registry.route("/vendor", methods=["GET", "POST"])
@needs_role(Role.LEGAL, Role.ADMIN)
def edit_vendor() -> ResponseReturnValue:
    """Change the vendor's profile. A further export law is named only after its consequences
    were shown: entries that have no basis under it."""
    profile = get_vendor(db.session()).profile
    form = _form(profile)
    if not form.validate_on_submit():
        return _page(form, ())
    lacking = _lacking(form, profile)
    if lacking and request.form.get(CONFIRMED) != _laws_text(form):
        return _page(form, lacking)
    try:
        changed = keep_vendor(
            db.session(), form.plain(), seen=form.seen.data or "", at=request_at(), **who()
        )
    except ProblemsFound as refusal:
        _refuse(form, refusal)
        return _page(form, ())
    except VendorChanged as refusal:
        form.refuse(refusal)
        form.seen.data = profile_digest(profile)
        return _page(form, ())
    if changed:
        flash(_("The vendor's profile is changed."))
    else:
        flash(_("All of it was on record already: nothing was changed."), "info")
    return redirect(url_for(".show_registry"), code=303)


def _form(profile: VendorProfile) -> VendorForm:
    w = page_wording()
    shown: dict[str, Any] = {name: getattr(profile, name) for name in _TEXTS}
    laws = [law.value for law in profile.laws]
    form = VendorForm(data={**shown, "laws": laws, "seen": profile_digest(profile)})
    form.country.choices = with_stored(country_choices(w), form.country.data)
    form.laws.choices = [(law.value, law_words(law, w)) for law in ExportLaw]
    return form


def _lacking(form: VendorForm, profile: VendorProfile) -> tuple[tuple[int, str], ...]:
    """Entries in force without a lawful basis under a law that would be added."""
    added = {ExportLaw(law) for law in form.laws.data or ()} - set(profile.laws)
    return unlawful_under(db.session(), added, on=today()) if added else ()


def _laws_text(form: VendorForm) -> str:
    """Which laws the warning was about: another choice asks again."""
    return " ".join(sorted(form.laws.data or ()))


def _refuse(form: VendorForm, refusal: ProblemsFound) -> None:
    w = page_wording()
    for problem in refusal.problems:
        said = problem_text(problem, w)
        name = problem.where.removeprefix("vendor.").partition("[")[0]
        form.refuse_with(f"{said.message} {said.remedy}", form._fields.get(name))


def _page(form: VendorForm, lacking: tuple[tuple[int, str], ...]) -> str:
    return render_template(
        "desk/registry/vendor.html",
        form=form,
        lacking=lacking,
        confirmed=_laws_text(form) if lacking else "",
    )
