"""The form of a subprocessor's facts: a draft, so only what is wrong is refused, not what lacks."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from subnotify.rules.errors import Problem
from subnotify.rules.keys import plain_letters
from subnotify.rules.locations import location_to_mapping, without_assessments
from subnotify.rules.reading import Reader
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping, read_facts
from subnotify.rules.texts import LANGUAGES, LocalText, local_text_to_plain
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.words import LocationKind, VendorRole
from subnotify.storage.registry import ListEntry, Service
from subnotify.web.forms_base import CheckboxesField, DayField, PageForm, filled, strip
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.problems import problem_text

BLANK_ROWS = 2
MOST_ROWS = 40
_DAYS = {
    "signed_on": "agreement_signed_on",
    "planned_on": "agreement_planned_on",
    "from_on": "agreement_from_on",
    "until_on": "agreement_until_on",
}
# CLDR also names groupings, private codes and parts of countries.
_NO_COUNTRY = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ")
)


class LocationForm(Form):
    """One row: a country, what happens there, and what makes the transfer lawful."""

    country = SelectField(_l("Country"), validate_choice=False)
    kind = SelectField(_l("What is there"), validate_choice=False)

    @property
    def is_blank(self) -> bool:
        return not self.country.data


class FactsForm(PageForm):
    name = StringField(
        _l("Legal name"), filters=[strip], validators=[filled(_l("Write the legal name"))]
    )
    other_names = TextAreaField(_l("Other names"), filters=[strip])
    address = TextAreaField(_l("Postal address"), filters=[strip])
    contact = StringField(_l("Contact for data protection"), filters=[strip])
    website = StringField(_l("Website"), filters=[strip])
    activities_en = TextAreaField(_l("Activities, in English"), filters=[strip])
    activities_fr = TextAreaField(_l("Activities, in French"), filters=[strip])
    services = CheckboxesField(_l("Services it helps to provide"))
    data_categories_en = TextAreaField(_l("Personal data it gets, in English"), filters=[strip])
    data_categories_fr = TextAreaField(_l("Personal data it gets, in French"), filters=[strip])
    role = RadioField(_l("Role of the vendor"))
    affiliate = BooleanField(_l("A company of the vendor's group"))
    locations = FieldList(FormField(LocationForm), max_entries=MOST_ROWS)
    agreement_signed_on = DayField(_l("Agreement signed on"), validators=[Optional()])
    agreement_planned_on = DayField(_l("Or to be signed on"), validators=[Optional()])
    agreement_from_on = DayField(_l("Agreement runs from"), validators=[Optional()])
    agreement_until_on = DayField(_l("Agreement runs until"), validators=[Optional()])
    in_use_since_on = DayField(_l("In use since"), validators=[Optional()])

    def offer(self, services: tuple[Service, ...], w: Wording, *, more: bool = False) -> None:
        """Fill the choices, in the page's language, and add blank rows for locations: up to two,
        or (more) two further ones."""
        self.services.choices = [(x.key, x.name) for x in services]
        self.role.choices = [
            (VendorRole.PROCESSOR.value, _("Processor: it works on clients' data")),
            (VendorRole.CONTROLLER.value, _("Controller: a recipient of the vendor's own data")),
        ]
        blank = 0 if more else sum(1 for row in self.locations if row.form.is_blank)
        for _number in range(blank, BLANK_ROWS):
            if len(self.locations.entries) < MOST_ROWS:
                self.locations.append_entry()
        countries = country_choices(w)
        for row in self.locations:
            row.form.country.choices = with_stored(countries, row.form.country.data)
            row.form.kind.choices = [(x.value, label(w, x)) for x in LocationKind]

    def read(
        self, before: SubprocessorFacts | None, reference: TransferReference, w: Wording
    ) -> SubprocessorFacts | None:
        """The facts as typed; None with the errors at their fields when something is wrong.

        before: the draft being edited; what the form does not show is taken from it.
        """
        rows = [n for n, row in enumerate(self.locations) if not row.form.is_blank]
        reader = Reader()
        facts = read_facts(self._plain(before, rows), "facts", reader, reference)
        for problem in reader.problems:
            self._show(problem, rows, w)
        return facts

    def _plain(self, before: SubprocessorFacts | None, rows: list[int]) -> dict[str, Any]:
        days = {name: getattr(self, field).data for name, field in _DAYS.items()}
        return {
            **(facts_to_mapping(before) if before else {}),
            "name": self.name.data,
            "other_names": [x.strip() for x in lines(self.other_names.data) if x.strip()],
            "address": self.address.data,
            "contact": self.contact.data,
            "website": self.website.data,
            "activities": self._texts("activities", before.activities if before else None),
            "services": self.services.data or [],
            "data_categories": self._texts(
                "data_categories", before.data_categories if before else None
            ),
            "role": self.role.data or VendorRole.PROCESSOR.value,
            "affiliate": bool(self.affiliate.data),
            "locations": [_row_to_plain(self.locations[n].form, before, n) for n in rows],
            "agreement": {name: day for name, day in days.items() if day},
            "in_use_since_on": self.in_use_since_on.data,
            "demonstration_values": list(before.demonstration_values) if before else [],
        }

    def _texts(self, field: str, before: LocalText | None) -> object:
        typed = {x: getattr(self, f"{field}_{x}").data or "" for x in LANGUAGES}
        if before is not None and typed == _shown(before):
            # One text for every language is shown twice; unchanged, it stays one.
            return local_text_to_plain(before)
        return typed

    def _show(self, problem: Problem, rows: list[int], w: Wording) -> None:
        said = problem_text(problem, w)
        path = problem.where.removeprefix("facts.")
        self.refuse_with(f"{said.message} {said.remedy}", self._field(path, rows))

    def _field(self, path: str, rows: list[int]) -> Any:
        found = re.match(r"locations\[(\d+)\](?:\.(\w+))?", path)
        if found:
            form = self.locations[rows[int(found[1])]].form
            return {
                "country": form.country,
                "kind": form.kind,
            }.get(found[2] or "", form.country)
        name = path.replace("agreement.", "agreement_")
        for candidate in (name, re.split(r"[.\[]", name)[0], f"{name.split('.')[0]}_en"):
            if candidate in self._fields:
                return self._fields[candidate]
        return None


class NewSubprocessorForm(FactsForm):
    """replaces: id of the entry whose place it takes, "" for an addition."""

    replaces = SelectField(_l("Does it take the place of another entry?"))

    def offer_replaced(self, entries: list[ListEntry]) -> None:
        self.replaces.choices = [
            ("", _("No: it is added to the list")),
            *((str(x.subprocessor_id), _("Yes, of %(name)s", name=x.facts.name)) for x in entries),
        ]


def form_data(facts: SubprocessorFacts) -> dict[str, Any]:
    """What a FactsForm shows of stored facts."""
    plain = facts_to_mapping(facts)
    shown = {
        name: getattr(facts, name)
        for name in (
            *("name", "address", "contact", "website", "affiliate", "in_use_since_on"),
            *_DAYS.values(),
        )
    }
    for field in ("activities", "data_categories"):
        for language, text in _shown(getattr(facts, field)).items():
            shown[f"{field}_{language}"] = text
    return {
        **shown,
        "other_names": "\n".join(facts.other_names),
        "services": list(facts.services),
        "role": facts.role.value,
        "locations": [_row_from_plain(place) for place in plain["locations"]],
    }


def field_anchor(path: str) -> str:
    """The id of the control where a problem of this path is mended: `locations-0-country`."""
    found = re.match(r"locations\[(\d+)\]", path)
    if found:
        return f"locations-{found[1]}-country"
    field = re.split(r"[.\[]", path)[0]
    return {
        "activities": "activities_en",
        "data_categories": "data_categories_en",
        "services": "services-0",
        "locations": "locations-0-country",
    }.get(field, field)


def country_choices(w: Wording) -> list[tuple[str, str]]:
    """Every country's code and name, sorted as people look them up."""
    names = [
        (code, str(name))
        for code, name in w.locale.territories.items()
        if re.fullmatch("[A-Z]{2}", code) and code not in _NO_COUNTRY
    ]
    return [("", ""), *sorted(names, key=lambda pair: plain_letters(pair[1]))]


def with_stored(choices: list[tuple[str, str]], stored: str | None) -> list[tuple[str, str]]:
    """The choices, with a stored code that is none of them, so that saving does not lose it."""
    if stored and stored not in dict(choices):
        return [*choices, (stored, stored)]
    return choices


def lines(text: str | None) -> list[str]:
    return (text or "").splitlines()


def _shown(text: LocalText) -> dict[str, str]:
    return {
        language: text.in_language(language) if text.is_written_in(language) else ""
        for language in LANGUAGES
    }


def _row_to_plain(
    form: LocationForm, before: SubprocessorFacts | None, number: int
) -> dict[str, Any]:
    """The row, with the bases recorded for the same place."""
    plain: dict[str, Any] = {"country": form.country.data, "kind": form.kind.data}
    known = before.locations[number] if before and number < len(before.locations) else None
    if known is not None and known.country == form.country.data:
        stored = without_assessments(location_to_mapping(known))
        plain |= {"bases": stored.get("bases", []), "organisation": known.organisation}
    return plain


def _row_from_plain(place: Mapping[str, Any]) -> dict[str, str]:
    return {"country": place["country"], "kind": place["kind"]}
