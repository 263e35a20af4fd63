"""The forms of agreements: what was signed, its end, its services, who is named in it."""

from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Optional

from subnotify.operations.designate_contact import Naming
from subnotify.operations.keep_agreement import AgreementFacts, SignedContent
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ContactKind
from subnotify.storage.agreement_file import NamedContact
from subnotify.storage.client_pages import ClientContact
from subnotify.storage.registry import Service
from subnotify.web.case_forms import ReasonForm
from subnotify.web.forms_base import CheckboxesField, DayField, PageForm, filled, strip
from subnotify.web.registry_steps import EditForm
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import law_words

NOTHING_YET = (0, "–")
"""The first choice of a list in which nothing is chosen by itself; without a label it would show
its value."""


def chosen(sentence: str) -> Callable[[Form, Field], None]:
    """Something other than NOTHING_YET must be chosen. `sentence`: a (lazy) translated text."""

    def validate(_form: Form, field: Field) -> None:
        if not field.data:
            raise ValidationError(str(sentence))

    return validate


class AgreementForm(EditForm):
    """An agreement's facts. `offer` first: it fills the choices."""

    reference = StringField(
        _l("Reference of the contract"),
        filters=[strip],
        validators=[filled(_l("Write the reference that stands on the contract"))],
    )
    language = RadioField(
        _l("Language of the notices"),
        validators=[InputRequired(_l("Choose the language of the notices"))],
    )
    signed_on = DayField(_l("Signed on"), validators=[Optional()])
    laws = CheckboxesField(_l("Laws of this client's data"))

    def offer_languages(self) -> None:
        self.language.choices = [("en", _("English")), ("fr", _("French"))]

    def offer_laws(self, laws: Sequence[ExportLaw], w: Wording) -> None:
        """laws: the vendor's. Where it has one only, nothing is asked."""
        if len(laws) > 1:
            self.laws.choices = [(law.value, law_words(law, w)) for law in laws]
        else:
            del self.laws

    def facts(self, stored: tuple[ExportLaw, ...] = ()) -> AgreementFacts:
        """What was entered; the form has been validated. stored: the laws on record, which stay
        where they are not asked for."""
        asked = "laws" in self
        laws = tuple(ExportLaw(law) for law in self.laws.data or ()) if asked else stored
        return AgreementFacts(
            self.reference.data or "", self.language.data or "", self.signed_on.data, laws
        )


class NewAgreementForm(AgreementForm):
    services = CheckboxesField(_l("Services it buys"))
    from_on = DayField(_l("First day of these services"), validators=[Optional()])
    notice_contacts = CheckboxesField(_l("Notice contacts that it names"))
    clause = StringField(_l("Clause that names them"), filters=[strip])
    copy_contacts = CheckboxesField(_l("Copy contacts"))
    key = StringField(_l("Key"), filters=[strip])

    def offer(
        self,
        services: Sequence[Service],
        contacts: Sequence[ClientContact],
        laws: Sequence[ExportLaw],
        w: Wording,
    ) -> "NewAgreementForm":
        """Fill the choices. A client without contacts is not asked for them. laws: the vendor's."""
        self.offer_languages()
        self.offer_laws(laws, w)
        self.services.choices = [(x.key, x.name) for x in services]
        people = [(x.key, contact_words(x.name, x.email)) for x in contacts]
        if people:
            self.notice_contacts.choices = people
            self.copy_contacts.choices = people
        else:
            del self.notice_contacts, self.clause, self.copy_contacts
        return self

    def content(self) -> SignedContent:
        """What the signed agreement says; the form has been validated."""
        names_people = "notice_contacts" in self
        return SignedContent(
            services=tuple(self.services.data or ()),
            from_on=self.from_on.data,
            notice_contacts=tuple(self.notice_contacts.data or ()) if names_people else (),
            clause=(self.clause.data or "") if names_people else "",
            copy_contacts=tuple(self.copy_contacts.data or ()) if names_people else (),
        )


class EndAgreementForm(ReasonForm):
    last_day = DayField(_l("Last day of the agreement"), validators=[Optional()])


class BuyServiceForm(PageForm):
    service_id = SelectField(
        _l("Service"), coerce=int, validators=[chosen(_l("Choose the service"))]
    )
    from_on = DayField(
        _l("First day"), validators=[InputRequired(_l("Give the first day of the service"))]
    )

    def offer(self, services: Sequence[Service]) -> "BuyServiceForm":
        self.service_id.choices = [NOTHING_YET, *((x.id, x.name) for x in services)]
        return self


class EndServiceForm(PageForm):
    until_on = DayField(_l("First day without it"), validators=[Optional()])


class NamingForm(PageForm):
    contact_id = SelectField(
        _l("Contact"), coerce=int, validators=[chosen(_l("Choose the contact"))]
    )
    kind = RadioField(
        _l("What is it for?"), validators=[InputRequired(_l("Choose what the contact is for"))]
    )
    clause = StringField(_l("Clause"), filters=[strip])
    on = DayField(_l("Designated on"), validators=[Optional()])
    letter_reference = StringField(_l("Reference of the letter"), filters=[strip])
    ends = CheckboxesField(_l("Whose place does it take?"), coerce=int)

    def offer(
        self, contacts: Sequence[ClientContact], named: Sequence[NamedContact]
    ) -> "NamingForm":
        """Fill the choices. named: the present contacts of the agreement."""
        people = ((x.id, contact_words(x.name, x.email)) for x in contacts)
        self.contact_id.choices = [NOTHING_YET, *people]
        self.kind.choices = [
            (
                ContactKind.NOTICE.value,
                _("Notice contact: the agreement designates it, and a notice to it opens windows"),
            ),
            (
                ContactKind.COPY.value,
                _("Copy contact: it gets copies, and nothing depends on them"),
            ),
        ]
        notice = [x for x in named if x.kind is ContactKind.NOTICE and x.ended_on is None]
        if notice:
            self.ends.choices = [(x.id, contact_words(x.name, x.email)) for x in notice]
        else:
            del self.ends
        return self

    def naming(self) -> Naming:
        """What was entered; the form has been validated."""
        return Naming(
            contact_id=self.contact_id.data,
            kind=ContactKind(self.kind.data),
            clause=self.clause.data or "",
            on=self.on.data,
            letter_reference=self.letter_reference.data or "",
            ends=tuple(self.ends.data or ()) if "ends" in self else (),
        )


class EndNamingForm(PageForm):
    ended_on = DayField(
        _l("First day on which it is none any more"),
        validators=[InputRequired(_l("Give the day from which the contact is none any more"))],
    )
    letter_reference = StringField(_l("Reference of the letter"), filters=[strip])


def contact_words(name: str, email: str | None) -> str:
    """A contact in a list of choices: its name, and by which address it is reached."""
    return f"{name}, {email}" if email else f"{name} ({_('no email address')})"
