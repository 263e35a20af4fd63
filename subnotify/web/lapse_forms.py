"""The question "who is hit if this falls on that day", asked in the address of a page."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, ValidationError
from wtforms.validators import InputRequired

from subnotify.operations.foresee_ends import RestingOn
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import (
    Instrument,
    finding_instrument,
    safeguard_instrument,
)
from subnotify.web.forms_base import DayField, PageForm
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import instrument_words


class WhatIfForm(PageForm):
    """A look, not a step: nothing is changed by it, so the form carries no token."""

    class Meta:
        csrf = False

    code = SelectField(_l("Decision or instrument"), validate_choice=False)
    on = DayField(
        _l("Falls on"),
        validators=[InputRequired(_l("Give the day, for example 2027-01-01."))],
    )

    def offer(self, used: Sequence[RestingOn], reference: TransferReference, w: Wording) -> None:
        """What the list rests on first, then everything else that the reference has."""
        on_list = {x.instrument.code for x in used}
        known = [finding_instrument(x) for x in reference.findings]
        known += [safeguard_instrument(x) for x in reference.safeguards if not x.never]
        others = [x for x in known if x.code not in on_list]
        self.code.choices = {
            _("On the list today"): [(x.instrument.code, _counted(x, w)) for x in used],
            _("Others"): _sorted(others, w),
        }

    def validate_code(self, field: SelectField) -> None:
        if field.data not in {value for value, *_rest in field.iter_choices()}:
            raise ValidationError(_("Choose a decision or an instrument of the list."))

    def day(self) -> date:
        """The day of a form that was validated."""
        if self.on.data is None:
            raise ValueError("no day was given")
        day: date = self.on.data
        return day


def _counted(one: RestingOn, w: Wording) -> str:
    return w.ngettext(
        "%(instrument)s: %(num)s entry",
        "%(instrument)s: %(num)s entries",
        one.entries,
        instrument=instrument_words(one.instrument, w),
        num=one.entries,
    )


def _sorted(instruments: Sequence[Instrument], w: Wording) -> list[tuple[str, str]]:
    named = ((x.code, instrument_words(x, w)) for x in instruments)
    return sorted(named, key=lambda pair: pair[1].casefold())
