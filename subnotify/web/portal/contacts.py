"""Adding an address that gets copies: the form, what it means, and the step."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import EmailField, StringField

from subnotify.operations.add_copy_contact import (
    CopyContact,
    add_copy_contact,
    check_copy_contact,
)
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.responses import LONGEST_NAME
from subnotify.storage.database import db
from subnotify.storage.portal_contacts import ContactsOfAgreement, get_contacts_of_agreement
from subnotify.web.access import current_visit, portal_route, request_at
from subnotify.web.forms_base import PageForm, at_most, email_address, filled, strip
from subnotify.web.portal.blueprint import portal


class CopyContactForm(PageForm):
    name = StringField(
        _l("Name"),
        filters=[strip],
        validators=[filled(_l("Write the name of the person or mailbox")), at_most(LONGEST_NAME)],
    )
    email = EmailField(
        _l("Email address"),
        filters=[strip],
        validators=[
            filled(_l("Enter the email address")),
            at_most(254),
            email_address(_l("Enter an email address like name@example.com")),
        ],
    )


@portal.route("/agreements/<int:agreement_id>/contacts/new", methods=["GET", "POST"])
@portal_route
def new_contact(agreement_id: int) -> str | Response:
    """The form, then what adding means; only the button there (`confirmed`) adds the address."""
    found = get_contacts_of_agreement(db.session(), current_visit(), agreement_id)
    form = CopyContactForm()
    if form.validate_on_submit():
        asked = CopyContact(form.name.data or "", form.email.data or "")
        try:
            if request.form.get("confirmed") == "yes":
                return _add(agreement_id, asked)
            check_copy_contact(db.session(), current_visit(), agreement_id, asked, at=request_at())
        except ProblemsFound as error:
            form.refuse_at_fields(error)
        else:
            if request.form.get("confirmed") != "no":
                return _ask(found, form)
    return render_template("portal/new_contact.html", found=found, form=form)


def _ask(found: ContactsOfAgreement, form: CopyContactForm) -> str:
    return render_template("portal/confirm_contact.html", found=found, form=form)


def _add(agreement_id: int, asked: CopyContact) -> Response:
    db.session.rollback()  # the operation begins a transaction of its own
    zone = current_app.config["SUBNOTIFY_SETTINGS"].zone
    add_copy_contact(db.session(), current_visit(), agreement_id, asked, zone=zone, at=request_at())
    flash(_("%(name)s gets copies from now on. The notice contacts are told.", name=asked.name))
    return redirect(url_for(".show_contacts"), code=303)
