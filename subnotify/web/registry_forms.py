"""The form of a subprocessor's facts: a draft, so only what is wrong is refused, not what lacks.

The transfer bases of its locations have pages of their own (registry_locations.py).
"""

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from subnotify.rules.errors import Problem
from subnotify.rules.reading import Reader
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping, read_facts
from subnotify.rules.texts import LANGUAGES, LocalText, local_text_to_plain
from subnotify.rules.words import LocationKind, VendorRole
from subnotify.storage.registry import ListEntry, Service
from subnotify.web.country_choices import country_choices, with_stored
from subnotify.web.forms_base import CheckboxesField, DayField, PageForm, filled, strip
from subnotify.web.registry_rows import LocationForm, facts_digest, row_data, row_to_plain
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.problems import problem_text

BLANK_ROWS = 2
MOST_ROWS = 40
_TEXTS = (
    *("name", "trading_name", "company_number", "parent", "address", "contact", "website"),
    *("list_url", "agreement_url", "engaged_by"),
)
_LOCAL_TEXTS = ("activities", "data_categories", "data_subjects")
_FLAGS = ("affiliate", "special_categories", "hr_data")
_DAYS = ("obligations_flowed_down_on", "guarantees_reviewed_on", "in_use_since_on")
_AGREEMENT_DAYS = ("signed_on", "planned_on", "from_on", "until_on")


def _line(text: str) -> StringField:
    return StringField(text, filters=[strip])


def _lines(text: str) -> TextAreaField:
    return TextAreaField(text, filters=[strip])


def _day(text: str) -> DayField:
    return DayField(text, validators=[Optional()])


class FactsForm(PageForm):
    """seen: a digest of the facts that the page showed, so that nobody undoes another's work."""

    seen = HiddenField()
    name = StringField(
        _l("Legal name"), filters=[strip], validators=[filled(_l("Write the legal name"))]
    )
    trading_name = _line(_l("Trading name"))
    other_names = _lines(_l("Other names"))
    company_number = _line(_l("Company number"))
    parent = _line(_l("Parent company"))
    affiliate = BooleanField(_l("A company of the vendor's group (an affiliate)"))
    address = _lines(_l("Postal address"))
    contact = _line(_l("Contact for data protection"))
    website = _line(_l("Website"))
    role = RadioField(_l("Role of the vendor"), validate_choice=False)
    engaged_by = SelectField(_l("Engaged by"), validate_choice=False)
    activities_en = _lines(_l("Activities, in English"))
    activities_fr = _lines(_l("Activities, in French"))
    services = CheckboxesField(_l("Services it helps to provide"))
    data_categories_en = _lines(_l("Personal data it gets, in English"))
    data_categories_fr = _lines(_l("Personal data it gets, in French"))
    data_subjects_en = _lines(_l("Persons concerned, in English"))
    data_subjects_fr = _lines(_l("Persons concerned, in French"))
    special_categories = BooleanField(_l("Special categories of data are among them"))
    hr_data = BooleanField(_l("Data of employees from their employment are among them"))
    locations = FieldList(FormField(LocationForm), max_entries=MOST_ROWS)
    list_url = _line(_l("Its own list of subprocessors"))
    agreement_url = _line(_l("Its data-processing agreement"))
    agreement_signed_on = _day(_l("Agreement signed on"))
    agreement_planned_on = _day(_l("Or to be signed on"))
    agreement_from_on = _day(_l("Agreement runs from"))
    agreement_until_on = _day(_l("Agreement runs until"))
    obligations_flowed_down_on = _day(_l("Obligations imposed on it on"))
    guarantees_reviewed_on = _day(_l("Guarantees reviewed on"))
    in_use_since_on = _day(_l("In use since"))

    def offer(
        self,
        services: Iterable[Service],
        engagers: Iterable[tuple[str, str]],
        w: Wording,
        *,
        more: bool = False,
    ) -> None:
        """Fill the choices, in the page's language, and add blank rows for locations: up to two,
        or (more) two further ones. engagers: keys and names of the other entries."""
        self.services.choices = [(x.key, x.name) for x in services]
        self.role.choices = [
            (VendorRole.PROCESSOR.value, _("Processor: it works on clients' data")),
            (VendorRole.CONTROLLER.value, _("Controller: a recipient of the vendor's own data")),
        ]
        choices = [("", _("the vendor itself")), *engagers]
        self.engaged_by.choices = with_stored(choices, self.engaged_by.data)
        self._add_rows(more)
        countries = country_choices(w)
        for row in self.locations:
            row.form.country.choices = with_stored(countries, row.form.country.data)
            row.form.kind.choices = [(x.value, label(w, x)) for x in LocationKind]

    def _add_rows(self, more: bool) -> None:
        """A blank row is the seat until there is one, then a place of hosting."""
        blank = 0 if more else sum(1 for row in self.locations if row.form.is_blank)
        for _number in range(blank, BLANK_ROWS):
            if len(self.locations.entries) < MOST_ROWS:
                kinds = [row.form.kind.data for row in self.locations]
                has_seat = LocationKind.ESTABLISHMENT.value in kinds
                kind = LocationKind.HOSTING if has_seat else LocationKind.ESTABLISHMENT
                self.locations.append_entry({"kind": kind.value})

    def read(self, before: SubprocessorFacts | None, w: Wording) -> SubprocessorFacts | None:
        """The facts as typed; None with the errors at their fields when something is wrong.

        before: the draft being edited; what the form does not show is taken from it.
        """
        rows = [n for n, row in enumerate(self.locations) if not row.form.is_blank]
        reader = Reader()
        facts = read_facts(self._plain(before, rows), "facts", reader, None)
        for problem in reader.problems:
            self._show(problem, rows, w)
        return facts

    def is_overtaken(self, before: SubprocessorFacts, typed: SubprocessorFacts) -> bool:
        """Whether somebody else changed the facts since the page was shown; the form then says
        so. Sent again, it is meant. What is on record anyway is never overtaken."""
        shown, digest = self.seen.data, facts_digest(before)
        self.seen.data = digest
        if shown in (None, "", digest) or facts_digest(typed) == digest:
            return False
        self.refuse_with(
            _(
                "Somebody else changed this entry meanwhile. What you typed stands below: compare"
                " it with the entry, and save it again if it is right."
            )
        )
        return True

    def _plain(self, before: SubprocessorFacts | None, rows: list[int]) -> dict[str, Any]:
        typed = {name: getattr(self, f"agreement_{name}").data for name in _AGREEMENT_DAYS}
        return {
            **(facts_to_mapping(before) if before else {}),
            **{name: getattr(self, name).data for name in (*_TEXTS, *_DAYS)},
            **{name: bool(getattr(self, name).data) for name in _FLAGS},
            **{x: self._texts(x, getattr(before, x) if before else None) for x in _LOCAL_TEXTS},
            "other_names": [x.strip() for x in lines(self.other_names.data) if x.strip()],
            "services": self.services.data or [],
            "role": self.role.data or VendorRole.PROCESSOR.value,
            "locations": [row_to_plain(self.locations[n].form, before) for n in rows],
            "agreement": {name: day for name, day in typed.items() if day},
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
            return form._fields.get(found[2], form.country)
        name = path.replace("agreement.", "agreement_").replace(".", "_")
        for candidate in (name, re.split(r"[.\[]", name)[0], f"{path}_en"):
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
    same = (*_TEXTS, *_FLAGS, *_DAYS, *(f"agreement_{name}" for name in _AGREEMENT_DAYS))
    return {
        **{name: getattr(facts, name) for name in same},
        **{
            f"{field}_{language}": text
            for field in _LOCAL_TEXTS
            for language, text in _shown(getattr(facts, field)).items()
        },
        "seen": facts_digest(facts),
        "other_names": "\n".join(facts.other_names),
        "services": list(facts.services),
        "role": facts.role.value,
        "locations": [row_data(place, n) for n, place in enumerate(facts.locations)],
    }


def lines(text: str | None) -> list[str]:
    return (text or "").splitlines()


def _shown(text: LocalText) -> dict[str, str]:
    return {
        language: text.in_language(language) if text.is_written_in(language) else ""
        for language in LANGUAGES
    }
