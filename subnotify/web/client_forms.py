"""The forms of clients and their contacts."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from subnotify.operations.keep_client import ClientFacts
from subnotify.operations.keep_contact import DESIGNATING, ContactFacts, Letter
from subnotify.storage.client_pages import ClientContact
from subnotify.web.country_choices import country_choices, with_stored
from subnotify.web.forms_base import DayField, filled, strip
from subnotify.web.registry_steps import EditForm
from subnotify.wording.language import Wording


class ClientForm(EditForm):
    name = StringField(_l("Name"), filters=[strip], validators=[filled(_l("Write the name"))])
    country = SelectField(
        _l("Country"), validators=[filled(_l("Choose the country"))], validate_choice=False
    )
    key = StringField(_l("Key"), filters=[strip])

    def offer(self, w: Wording) -> "ClientForm":
        """Fill the choices, in the page's language."""
        self.country.choices = with_stored(country_choices(w), self.country.data)
        return self

    def facts(self) -> ClientFacts:
        """What was entered; the form has been validated."""
        return ClientFacts(self.name.data or "", self.country.data or "")


class ContactForm(EditForm):
    name = StringField(_l("Name"), filters=[strip], validators=[filled(_l("Write the name"))])
    role_title = StringField(_l("Role"), filters=[strip])
    email = StringField(_l("Email address"), filters=[strip])
    postal_address = TextAreaField(_l("Postal address"), filters=[strip])
    phone = StringField(_l("Telephone"), filters=[strip])
    letter_reference = StringField(_l("Reference of the letter"), filters=[strip])
    letter_on = DayField(_l("Designated on"), validators=[Optional()])
    serve_anew = BooleanField(_l("Serve anew what waits for a new address"), default=True)

    def without_letter(self) -> "ContactForm":
        """For a contact that is designated nowhere: nothing is asked for."""
        del self.letter_reference, self.letter_on
        return self

    def without_serving(self) -> "ContactForm":
        """Where nothing waits for an address of the contact."""
        del self.serve_anew
        return self

    def without_designating(self) -> "ContactForm":
        """For who may not change a designated contact: what it is reached by is not asked."""
        for name in DESIGNATING:
            delattr(self, name)
        return self.without_letter()

    def facts(self, stored: ContactFacts | None) -> ContactFacts:
        """What was entered, and of what was not asked what is stored."""
        return ContactFacts(
            **{
                name: _plain(self[name].data if name in self else getattr(stored, name))
                for name in ("name", "role_title", "email", "postal_address", "phone")
            }
        )

    def letter(self) -> Letter:
        if "letter_reference" not in self:
            return Letter()
        return Letter(self.letter_reference.data or "", self.letter_on.data)


def stored_contact(contact: ClientContact) -> ContactFacts:
    """What is on record of a contact, as the form would say it."""
    return ContactFacts(
        name=contact.name,
        role_title=contact.role_title,
        email=contact.email or "",
        postal_address=contact.postal_address,
        phone=contact.phone,
    )


def _plain(value: str | None) -> str:
    """Browsers send line ends their own way: an address stays the same when nobody changes it."""
    return (value or "").replace("\r\n", "\n")
