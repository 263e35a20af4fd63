"""The form in which an agreement's notice terms are entered as the clause is written."""

import re
from dataclasses import replace
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    TextAreaField,
)

from subnotify.rules.errors import Problem
from subnotify.rules.presets import PRESETS
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import read_terms
from subnotify.rules.terms_words import CountingRule
from subnotify.storage.registry import Service
from subnotify.web.country_choices import with_stored
from subnotify.web.forms_base import CheckboxesField, PageForm, filled, strip
from subnotify.web.terms_choices import (
    AUTHORISATION,
    BROKEN_BY,
    CHANGES,
    CHANNEL_CHOICE,
    CHANNELS,
    CLOSES,
    GROUNDS,
    IF_UNRESOLVED,
    LEAD_BEFORE,
    MAY_COMMENCE,
    OBJECTION_EFFECT,
    OBJECTION_FORM,
    PROOFS,
    RUNS_FROM,
    SERVED_WHEN,
    SILENCE,
    TIMELY,
    Words,
    choices,
)
from subnotify.web.terms_fields import (
    LONGEST_NUMBER,
    CountingForm,
    DeemedForm,
    EmergencyForm,
    ProvenanceForm,
    RuleForm,
    TerminationForm,
    find_field,
    first_control,
    offer_parts,
    period_field,
    radio_field,
    select_field,
    text_field,
)
from subnotify.web.terms_places import calendar_choices
from subnotify.web.terms_plain import (
    calendar_problems,
    extra_holidays,
    lost_values,
    missing_provenance,
    plain_terms,
    rule_rows,
)
from subnotify.wording.language import Wording

MOST_RULES = 20
SINGLE_PERIODS = ("lead_time", "accommodation_period", "deemed_accepted_after")


# What most contracts do not have: behind "more" until it holds something.
RARE_FIELDS = (
    *("accommodation_period", "if_unresolved", "deemed_accepted_after", "closed_grounds"),
    *("termination", "emergency_replacement", "allowed_countries", "requires_agreement_dates"),
    *("receipt_fallback_days", "copy_channels", "notice_rules"),
)


_ANY_COUNTING = {"rule": CountingRule.CONTRACT_CALENDAR.value, "time_zone": "UTC"}


class BasedOnVersion(PageForm):
    """based_on: the version that was current when the form was opened, 0 for none."""

    based_on = HiddenField()

    @property
    def number(self) -> int:
        """-1, which no version has, where the field was tampered with."""
        typed = self.based_on.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < LONGEST_NUMBER else -1


class ReadingForm(BasedOnVersion):
    """What legal takes a silent clause to mean."""

    value = RadioField(_l("The clause is read as"), validate_choice=False)
    why = TextAreaField(
        _l("Why"),
        filters=[strip],
        validators=[filled(_l("Write why the clause is read so: it stays on record."))],
    )

    def offer(self, name: str) -> None:
        """The readings that the field of this name can have, and to leave it open."""
        words: Words = {"runs_from": RUNS_FROM, "objection_timely_when": TIMELY}[name]
        told = [(x.value, text) for x, text in words.items() if x != "unspecified"]
        self.value.choices = [*told, ("", _l("It stays open: no reading is taken"))]


class TermsForm(BasedOnVersion):
    """Fields bear the names of the terms, so that a problem's path leads to its field."""

    preset = HiddenField()
    authorisation = radio_field(_l("Authorisation"), AUTHORISATION)
    changes_covered = CheckboxesField(
        _l("Changes the clause speaks of"), choices=choices(CHANGES), validate_choice=False
    )
    lead_time = period_field(_l("Lead time"))
    lead_time_before = select_field(_l("Counted to"), LEAD_BEFORE)
    objection_period = period_field(_l("Objection period"))
    closes = select_field(_l("The window ends"), CLOSES)
    runs_from = radio_field(_l("The objection period runs from"), RUNS_FROM)
    channels = CheckboxesField(
        _l("Notice is given by"), choices=choices(CHANNELS), validate_choice=False
    )
    channel_choice = select_field(_l("Where several are named"), CHANNEL_CHOICE)
    copy_channels = CheckboxesField(
        _l("Copies go by"), choices=choices(CHANNELS), validate_choice=False
    )
    deemed_receipt = FormField(DeemedForm)
    proof_of_receipt = CheckboxesField(
        _l("What proves that a notice was received"), choices=choices(PROOFS), validate_choice=False
    )
    receipt_fallback_days = text_field(_l("Days without proof before a registered letter is sent"))
    served_when = select_field(_l("The notice is given when"), SERVED_WHEN)
    counting = FormField(CountingForm)
    objection_form = select_field(_l("Form of an objection"), OBJECTION_FORM)
    objection_address = TextAreaField(_l("Address for objections"), filters=[strip])
    objection_timely_when = radio_field(_l("An objection is in time if"), TIMELY)
    objection_grounds = select_field(_l("Grounds"), GROUNDS)
    closed_grounds = TextAreaField(_l("The grounds that the clause lists"), filters=[strip])
    effect_of_silence = radio_field(_l("If the client stays silent"), SILENCE)
    silence_irrevocable = BooleanField(_l("The acceptance is irrevocable"))
    silence_broken_by = select_field(_l("Silence is broken by"), BROKEN_BY)
    effect_of_objection = select_field(_l("An objection means that"), OBJECTION_EFFECT)
    may_commence = select_field(_l("The change may take effect"), MAY_COMMENCE)
    accommodation_period = period_field(_l("Time to find a solution"))
    if_unresolved = select_field(_l("If no solution is found"), IF_UNRESOLVED)
    deemed_accepted_after = period_field(_l("Further time until it counts as accepted"))
    termination = FormField(TerminationForm)
    allowed_countries = TextAreaField(_l("Countries allowed"), filters=[strip])
    emergency_replacement = FormField(EmergencyForm)
    requires_agreement_dates = BooleanField(
        _l("The notice must give the dates of the subprocessing agreement")
    )
    notice_rules = FieldList(FormField(RuleForm), max_entries=MOST_RULES)
    provenance = FormField(ProvenanceForm)

    def offer(self, services: tuple[Service, ...], w: Wording, *, more: bool = False) -> None:
        """Fill the choices in the page's language, and show blank parts and one blank rule; with
        `more` one further rule."""
        calendar = self.counting.form.holiday_calendar
        calendar.choices = calendar_choices(w, calendar.data)
        offer_parts(self.objection_period, 2)
        for name in SINGLE_PERIODS:
            offer_parts(self[name])
        offer_parts(self.termination.form.exercise_within)
        offer_parts(self.termination.form.effect_period)
        blank = sum(1 for row in self.notice_rules if row.form.is_blank)
        if (more or not blank) and len(self.notice_rules.entries) < MOST_RULES:
            self.notice_rules.append_entry({})
        named = [("", ""), *((x.key, x.name) for x in services)]
        for row in self.notice_rules:
            row.form.service.choices = with_stored(named, row.form.service.data)
            offer_parts(row.form.lead_time)
            offer_parts(row.form.objection_period)

    def read(self, *, today: date | None = None) -> tuple[NoticeTerms | None, list[Problem]]:
        """The terms as typed, or what is wrong with them; shows nothing yet.

        today: also ask for what a version on record must have (clause, reader, day of reading).
        """
        reader = Reader()
        plain = plain_terms(self)
        terms = read_terms(plain, "terms", reader)
        if any(x.where.startswith("terms.counting") for x in reader.problems):
            # Nothing else is read without a way to count; but whoever errs twice is told both.
            read_terms({**plain, "counting": _ANY_COUNTING}, "terms", reader)
        problems = [*reader.problems, *calendar_problems(self), *lost_values(self)]
        if today is not None:
            problems += missing_provenance(self, today)
        if terms is None or problems:
            return None, problems
        preset = self.preset.data or ""
        return replace(terms, preset=preset if preset in PRESETS else ""), []

    def field_of(self, problem: Problem) -> Field | None:
        """The field where a problem with the terms is mended, if the form has one."""
        tokens = re.findall(r"\w+", problem.where.removeprefix("terms."))
        if tokens[:1] == ["readings"]:
            tokens = tokens[1:]
        if tokens[:1] == ["notice_rules"] and len(tokens) > 1:
            rows = rule_rows(self)
            number = int(tokens[1])
            tokens[1] = str(rows[number] if number < len(rows) else number - len(rows))
        if problem.where.endswith("counting.holiday_calendar") and extra_holidays(self):
            tokens = ["counting", "extra_holidays"]
        field = find_field(self, tokens)
        return first_control(field) if field is not None else None
