"""The forms of incoming mail: what it is, and which changes it speaks of."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from subnotify.operations.written_reasons import LONGEST_REASON
from subnotify.rules.words import FiledAs
from subnotify.web.forms_base import CheckboxesField, PageForm, at_most, strip
from subnotify.web.incoming_views import CaseChoice

# A mail of these kinds speaks of changes; the others of the whole notice, or of nothing.
ABOUT_CHANGES = frozenset({FiledAs.OBJECTION})


class FilingForm(PageForm):
    """case_ids: left out where the mail speaks of no single change."""

    case_ids = CheckboxesField(_l("Changes that it speaks of"), coerce=int)
    note = TextAreaField(_l("Note"), filters=[strip], validators=[at_most(LONGEST_REASON)])

    def offer(self, filed_as: FiledAs, cases: Sequence[CaseChoice]) -> "FilingForm":
        """Fill the choices for this mail; what is chosen stays once it was sent."""
        if filed_as not in ABOUT_CHANGES:
            del self.case_ids
            return self
        self.case_ids.choices = [(case.id, case.text) for case in cases]
        if not self.is_submitted():
            self.case_ids.data = [case.id for case in cases if case.is_chosen]
        return self

    def validate_case_ids(self, field: CheckboxesField) -> None:
        if not field.data:
            raise ValidationError(_("Choose the changes that it objects to."))

    def chosen(self) -> tuple[int, ...]:
        """The cases of a form that was validated."""
        return tuple(self.case_ids.data or ()) if "case_ids" in self else ()


class TyingForm(PageForm):
    """Which notice a mail belongs to."""

    notice_id = IntegerField(
        validators=[
            InputRequired(_l("Choose the notice it belongs to.")),
            # Larger than any id: the database would refuse it.
            NumberRange(1, 2**31 - 1, _l("Choose the notice it belongs to.")),
        ]
    )
