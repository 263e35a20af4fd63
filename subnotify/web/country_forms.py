"""The form of a country exception."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from subnotify.operations.record_country_exception import ExceptionFacts
from subnotify.rules.allowed_countries import ORGANISATION
from subnotify.web.agreement_forms import NOTHING_YET, chosen
from subnotify.web.country_choices import country_choices
from subnotify.web.forms_base import DayField, PageForm, filled, strip
from subnotify.wording.countries import country_word
from subnotify.wording.language import Wording


class CountryExceptionForm(PageForm):
    """What the client agreed to. `offer` first: it fills the choices."""

    country = SelectField(_l("Country"), validators=[chosen(_l("Choose where the data may go"))])
    subprocessor_id = SelectField(_l("Subprocessor"), coerce=int)
    reference = StringField(
        _l("Document in which the client agreed"),
        filters=[strip],
        validators=[filled(_l("Write the reference of the document in which the client agreed"))],
    )
    from_on = DayField(_l("First day"), validators=[Optional()])
    until_on = DayField(_l("First day without it"), validators=[Optional()])
    note = TextAreaField(_l("Note"), filters=[strip])

    def offer(
        self, subprocessors: Iterable[tuple[int, str]], blocked: Iterable[str], w: Wording
    ) -> "CountryExceptionForm":
        """blocked: countries that a case waits for; they come first."""
        first = [(code, country_word(code, w)) for code in blocked]
        others = [pair for pair in country_choices(w) if pair not in first and pair[0]]
        organisation = (ORGANISATION, country_word(ORGANISATION, w))
        if organisation not in first:
            others.append(organisation)
        self.country.choices = [("", "–"), *first, *others]
        everyone = (NOTHING_YET[0], _("every subprocessor"))
        self.subprocessor_id.choices = [everyone, *subprocessors]
        return self

    def facts(self) -> ExceptionFacts:
        """What was entered; the form has been validated."""
        return ExceptionFacts(
            country=self.country.data or "",
            subprocessor_id=self.subprocessor_id.data or None,
            from_on=self.from_on.data,
            until_on=self.until_on.data,
            reference=self.reference.data or "",
            note=self.note.data or "",
        )
