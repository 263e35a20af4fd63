"""The parts of the form of notice terms: periods, rules, and how each is read as plain data."""

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import DateInput

from subnotify.rules.periods import parts_of
from subnotify.rules.terms import Period
from subnotify.rules.terms_words import Closes, RuleScope, Unit
from subnotify.web.forms_base import strip
from subnotify.web.terms_choices import (
    CLOSES,
    COUNTING,
    DATA_AT_END,
    DEEMED,
    FINANCIAL,
    RULE_SCOPE,
    SCOPE,
    TAKES_EFFECT,
    UNITS,
    Words,
    choices,
    with_nothing,
)

# Years, months, weeks, days, business days, jours ouvrables: a period has no more parts.
MOST_PARTS = 6
LONGEST_NUMBER = 9


class PartForm(Form):
    number = StringField(_l("Number"), filters=[strip])
    unit = SelectField(_l("Unit"), choices=choices(UNITS), validate_choice=False)


def text_field(label: LazyString) -> StringField:
    return StringField(label, filters=[strip])


def select_field(label: LazyString, words: Words) -> SelectField:
    """One of a closed set; what is none of them is refused by the rules, in words."""
    return SelectField(label, choices=choices(words), validate_choice=False)


def radio_field(label: LazyString, words: Words) -> RadioField:
    return RadioField(label, choices=choices(words), validate_choice=False)


def period_field(label: LazyString) -> "FieldList[Any]":
    """A period in as many parts as it has: "1 month and 3 days"."""
    return FieldList(FormField(PartForm), label=label, max_entries=MOST_PARTS)


class CountingForm(Form):
    rule = select_field(_l("Counting rule"), COUNTING)
    time_zone = StringField(_l("Time zone"), filters=[strip], render_kw={"list": "zones"})
    holiday_calendar = SelectField(_l("Public holidays of"), validate_choice=False)
    extra_holidays = TextAreaField(_l("Further holidays"), filters=[strip])


class DeemedForm(Form):
    kind = SelectField(
        _l("It counts as received"),
        choices=with_nothing(DEEMED, _l("the clause says nothing of this")),
        validate_choice=False,
    )
    days = text_field(_l("How many days"))
    opening = text_field(_l("Business hours begin"))
    cutoff = text_field(_l("Business hours end"))


class TerminationForm(Form):
    scope = select_field(_l("What is terminated"), SCOPE)
    exercise_within = period_field(_l("To be exercised within"))
    takes_effect = select_field(_l("Takes effect"), TAKES_EFFECT)
    effect_period = period_field(_l("Notice of termination, or longest time until that date"))
    financial_effect = select_field(_l("Fees"), FINANCIAL)
    # Not `data`: that name is the form's own.
    data_at_end = select_field(_l("The client's data"), DATA_AT_END)
    data_days = text_field(_l("Within how many days"))


class EmergencyForm(Form):
    allowed = SelectField(
        _l("Replacement at short notice"),
        choices=[("", _l("not said")), ("yes", _l("allowed")), ("no", _l("not allowed"))],
        validate_choice=False,
    )
    terms = TextAreaField(_l("On these terms"), filters=[strip])


class ProvenanceForm(Form):
    clause = text_field(_l("Clause"))
    quotation = TextAreaField(_l("The clause, word for word"), filters=[strip])
    read_by = text_field(_l("Read by"))
    read_on = StringField(_l("Read on"), filters=[strip], widget=DateInput())
    signed_version = text_field(_l("Signed version"))
    reading = TextAreaField(_l("How an unclear wording was read, and why"), filters=[strip])


class RuleForm(Form):
    """One row: terms for some changes only."""

    applies_to = SelectField(
        _l("Applies to"), choices=with_nothing(RULE_SCOPE, _l("no rule")), validate_choice=False
    )
    service = SelectField(_l("Which service"), validate_choice=False)
    category = text_field(_l("Which category of data"))
    lead_time = period_field(_l("Lead time"))
    objection_period = period_field(_l("Objection period"))
    closes = select_field(_l("The window ends"), CLOSES)
    notice_only = BooleanField(_l("The client is only informed"))
    requires_agreement_dates = BooleanField(_l("The notice must give the agreement's dates"))

    @property
    def is_blank(self) -> bool:
        return not self.applies_to.data


def offer_parts(field: "FieldList[Any]", least: int = 1) -> None:
    """Show at least so many parts of a period, blank where it has fewer."""
    while len(field.entries) < least:
        field.append_entry({"number": "", "unit": Unit.DAYS.value})


def period_data(period: Period | None) -> list[dict[str, str]]:
    """What a period field shows."""
    if period is None:
        return []
    return [{"number": str(x.number), "unit": x.unit.value} for x in parts_of(period)]


def period_plain(field: "FieldList[Any]") -> dict[str, Any] | None:
    """A period as the rules read it; parts without a number are left out."""
    plain: dict[str, Any] | None = None
    for part in reversed(filled_parts(field)):
        plus = plain
        plain = {"number": number_or_text(part.number.data), "unit": part.unit.data}
        if plus is not None:
            plain["plus"] = plus
    return plain


def filled_parts(field: "FieldList[Any]") -> list[PartForm]:
    return [entry.form for entry in field.entries if entry.form.number.data]


def number_or_text(typed: str | None) -> int | str | None:
    """Digits as their number; anything else as typed, for the rules to refuse."""
    if not typed:
        return None
    is_number = typed.isdecimal() and len(typed) <= LONGEST_NUMBER
    return int(typed) if is_number else typed


def rule_plain(row: RuleForm) -> dict[str, Any]:
    scope = row.applies_to.data
    key = {
        RuleScope.SERVICE.value: row.service.data,
        RuleScope.DATA_CATEGORY.value: row.category.data,
    }.get(scope)
    return {
        "applies_to": scope if key is None else f"{scope}:{key}",
        "lead_time": period_plain(row.lead_time),
        "objection_period": period_plain(row.objection_period),
        "closes": row.closes.data or Closes.PERIOD.value,
        "notice_only": bool(row.notice_only.data),
        "requires_agreement_dates": bool(row.requires_agreement_dates.data),
    }


def lines_of(text: str | None) -> list[str]:
    """One entry on each line, or between commas."""
    return [x.strip() for x in re.split(r"[\n\r,;]+", text or "") if x.strip()]


def find_field(form: Form, tokens: list[str]) -> Field | None:
    """The field that a path of the terms speaks of (["lead_time", "plus", "number"]).

    What the path goes deeper into than the form does ends at the last field found.
    """
    name = _OTHER_NAMES.get(tokens[0], tokens[0]) if tokens else ""
    if name not in form._fields:
        return None
    field = form._fields[name]
    rest = tokens[1:]
    if isinstance(field, FormField):
        return find_field(field.form, rest) or first_control(field)
    if isinstance(field, FieldList):
        return _in_list(field, rest)
    return field


def _in_list(field: "FieldList[Any]", rest: list[str]) -> Field | None:
    if rest and rest[0].isdigit():  # rules are numbered
        number = int(rest[0])
        if number < len(field.entries):
            row = field.entries[number].form
            return find_field(row, rest[1:]) or row.applies_to
        return None
    parts = filled_parts(field) or [entry.form for entry in field.entries]
    depth = min(rest.count("plus"), len(parts) - 1)
    if not parts:
        return None
    found: Field = parts[depth].unit if rest[-1:] == ["unit"] else parts[depth].number
    return found


def first_control(field: Field) -> Field | None:
    """The first field in it that a person can type into."""
    if isinstance(field, FormField):
        return next((x for x in map(first_control, field.form) if x is not None), None)
    if isinstance(field, FieldList):
        return next((x for x in map(first_control, field.entries) if x is not None), None)
    return field


def anchor_of(field: Field) -> str:
    """The id of its first control."""
    if field.type in ("RadioField", "CheckboxesField"):
        return f"{field.id}-0"
    return str(field.id)


def holds_something(form: Form, names: Iterable[str]) -> bool:
    """Whether any of these fields holds a value other than its blank one, or an error."""
    return any(_is_filled(form._fields[name]) for name in names)


def _is_filled(field: Field) -> bool:
    if isinstance(field, FormField):
        return any(_is_filled(inner) for inner in field.form)
    if isinstance(field, FieldList):
        return any(_is_filled(entry) for entry in field.entries)
    if field.errors:
        return True
    if field.type == "SelectField":
        # The first choice is "not said", "no rule", "days" of a period without a number.
        return bool(field.data) and field.data not in _BLANK_CHOICES
    return bool(field.data)


# Fields of the terms whose name a form cannot have.
_OTHER_NAMES = {"data": "data_at_end"}
_BLANK_CHOICES = frozenset({"unspecified", Unit.DAYS.value, Closes.PERIOD.value})
