"""The form of a location gives back what it was given: nothing recorded is lost by looking."""

from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectMultipleField
from wtforms.fields.choices import SelectFieldBase

from subnotify.operations.load_transfer_reference import load_transfer_reference
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_records import (
    NONE_REQUIRED,
    ImpactAssessment,
    ListEntry,
    RecordedBasis,
)
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_words import (
    CoveredData,
    ExportLaw,
    FrameworkList,
    ListStatus,
    TransferRisk,
)
from subnotify.rules.words import LocationKind, VendorRole
from subnotify.web.registry_basis_forms import asked_of
from subnotify.web.registry_location_forms import BasesForm, open_bases_form
from subnotify.wording.language import wording_for
from tests.support.settings import environment_for
from tests.support.web_client import SettableClock, make_app

REFERENCE = load_transfer_reference()
TODAY = date(2026, 3, 2)
DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30).map(
    str.strip
)
WRITTEN = TEXTS.filter(bool)
CODES = st.sampled_from(
    [
        *(safeguard.code for safeguard in REFERENCE.safeguards),
        *(finding.id for finding in REFERENCE.findings),
        *(NONE_REQUIRED, "a-code-that-nobody-knows"),
    ]
)
ENTRIES = st.builds(
    ListEntry,
    entity=TEXTS,
    lists=st.frozensets(st.sampled_from(FrameworkList)),
    status=st.sampled_from(ListStatus),
    covered_data=st.frozensets(st.sampled_from(CoveredData)),
    checked_on=st.none() | DAYS,
    next_certification_on=st.none() | DAYS,
)


@st.composite
def bases(draw: st.DrawFn) -> RecordedBasis:
    code = draw(CODES)
    asked = asked_of(REFERENCE, code)
    names = st.sampled_from([*asked.evidence, "scope", "a_name_of_old"])
    texts = st.sampled_from([*asked.conditions, "A condition in older words."])
    return RecordedBasis(
        law=draw(st.sampled_from(ExportLaw)),
        code=code,
        reference=draw(TEXTS),
        module=draw(st.sampled_from(["", "1", "2", "3", "4", "3a"])),
        signed_on=draw(st.none() | DAYS),
        list_entry=draw(st.none() | ENTRIES),
        impact_assessment=draw(
            st.none() | st.builds(ImpactAssessment, WRITTEN, DAYS, st.sampled_from(TransferRisk))
        ),
        conditions=draw(st.frozensets(texts)),
        evidence=tuple(draw(st.dictionaries(names, WRITTEN, max_size=3)).items()),
        expires_on=draw(st.none() | DAYS),
    )


class Assessor:
    """What the form asks of the vendor: its laws and the reference data."""

    def __init__(self, laws: tuple[ExportLaw, ...]) -> None:
        self.laws = laws
        self.reference: TransferReference = REFERENCE


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = f"sqlite:///{tmp_path_factory.mktemp('forms')}/none.sqlite"
    assert environment_for(url)
    made = make_app(url, SettableClock(datetime.fromisoformat("2026-03-02T08:00:00+01:00")))
    made.config["WTF_CSRF_ENABLED"] = False
    return made


def sent(form: BasesForm) -> MultiDict[str, str]:
    """What a browser sends of the form as it is shown, with every field, open or not."""
    data: list[tuple[str, str]] = []
    for part in form.parts:
        for option in part.options:
            for field in (option.form.chosen, *option.fields):
                data += [(field.name, value) for value in _values(field)]
    return MultiDict(data)


def _values(field: Any) -> list[str]:
    if isinstance(field, BooleanField):
        return ["y"] if field.data else []
    if isinstance(field, SelectFieldBase):
        offered = [choice[0] for choice in field.choices]
        if isinstance(field, SelectMultipleField):
            return [x for x in field.data or [] if x in offered]
        return [field.data] if field.data in offered else []
    return [field._value()]


@given(
    recorded=st.lists(bases(), max_size=4),
    country=st.sampled_from(["US", "CA", "FR", "JP", "IN", "GI"]),
    role=st.sampled_from(VendorRole),
    affiliate=st.booleans(),
    laws=st.lists(st.sampled_from(ExportLaw), unique=True, max_size=3),
)
def test_what_is_shown_and_sent_back_is_what_was_recorded(
    app: Flask,
    recorded: list[RecordedBasis],
    country: str,
    role: VendorRole,
    affiliate: bool,
    laws: list[ExportLaw],
):
    location = Location(country, LocationKind.HOSTING, tuple(recorded))
    facts = SubprocessorFacts(name="A", role=role, affiliate=affiliate, locations=(location,))
    assessor: Any = Assessor(tuple(laws))
    w = wording_for("en")
    with app.test_request_context("/", method="POST", data={}):
        shown = open_bases_form(assessor, facts, location, on=TODAY, formdata=None, w=w)
        # What is ticked for being seen only was not recorded: nobody presses it here.
        for part in shown.parts:
            for option in part.options:
                option.form.chosen.data = option.stored is not None
        back = open_bases_form(assessor, facts, location, on=TODAY, formdata=sent(shown), w=w)
        assert back.validate(), [x.errors for x in back]
        assert back.read(w) == location.bases
