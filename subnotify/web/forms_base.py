"""What every form is built on: Flask-WTF with our messages.

An error message says what is wrong and how to mend it; the library's defaults ("This field is
required.") do not, so each validator here takes the sentence.
"""

import re
from collections.abc import Callable

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import DateField, Field, Form, SelectMultipleField, ValidationError
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from subnotify.rules.errors import ProblemsFound, RuleError
from subnotify.web.errors import rule_sentences

# One @, something on both sides, no spaces: whether it exists only a mail can tell.
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class PageForm(FlaskForm):
    """A form of a page. `if form.validate_on_submit(): ...`, else render it again."""

    def refuse(self, error: RuleError, field: Field | None = None) -> None:
        """Show why a rule refused what was sent: at a field, or at the whole form."""
        for sentence in rule_sentences(error):
            self.refuse_with(sentence, field)

    def refuse_at_fields(self, error: ProblemsFound) -> None:
        """Show each problem at the field of its name, or at the whole form where there is none."""
        for problem, sentence in zip(error.problems, rule_sentences(error), strict=True):
            self.refuse_with(sentence, self._fields.get(problem.where))

    def refuse_with(self, sentence: str, field: Field | None = None) -> None:
        """Show a translated sentence as an error of a field or of the whole form."""
        if field is None:
            self.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]


class CheckboxesField(SelectMultipleField):
    """Several of a few choices, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DayField(DateField):
    """A calendar day. What cannot be read as one stays in the field and is explained."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(
                gettext("Write the day as year-month-day, for example 2026-03-31.")
            ) from None


def strip(value: str | None) -> str | None:
    """A filter for text fields: without white space at both ends."""
    return value.strip() if value else value


def filled(sentence: str) -> DataRequired:
    """Something other than white space must be given. `sentence`: a (lazy) translated text."""
    return DataRequired(message=sentence)


def at_most(characters: int) -> Callable[[Form, Field], None]:
    """A longest length. Not the attribute maxlength: that would cut what is pasted, silently."""

    def validate(_form: Form, field: Field) -> None:
        if len(field.data or "") > characters:
            raise ValidationError(
                gettext(
                    "This text is too long. Shorten it to %(n)s characters at most.", n=characters
                )
            )

    return validate


def email_address(sentence: str) -> Callable[[Form, Field], None]:
    """The value must look like an email address."""

    def validate(_form: Form, field: Field) -> None:
        if not _ADDRESS.fullmatch(field.data or ""):
            raise ValidationError(str(sentence))

    return validate
