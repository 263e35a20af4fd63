"""The form loses nothing: what it shows of any terms, sent back, is the same terms."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest
import yaml
from flask import Flask
from hypothesis import given, settings
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, FieldList, FormField

from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.words import ProofKind
from subnotify.web import terms_choices
from subnotify.web.terms_data import form_data
from subnotify.web.terms_forms import TermsForm
from subnotify.web.terms_views import read_form
from subnotify.wording.language import wording_for
from tests.support.databases import SQLITE, Databases
from tests.support.terms_strategies import any_terms
from tests.support.web_client import SettableClock, make_app

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
CLAUSES = yaml.safe_load(
    (Path(__file__).parent.parent / "data/clauses-as-terms.yaml").read_text(encoding="utf-8")
)["agreements"]
# The browser sends no choice that the form does not offer; neither proves receipt.
NOT_OFFERED = {ProofKind.DISPATCH, ProofKind.PUBLICATION}


@pytest.fixture(scope="module")
def app(databases: Databases) -> Flask:
    return make_app(databases.migrated(SQLITE), SettableClock(AT))


def sent_back(app: Flask, terms: NoticeTerms, language: str = "en") -> TermsForm:
    """The form as a browser returns it untouched."""
    w = wording_for(language)
    with app.test_request_context():
        shown = TermsForm(formdata=None, data=form_data(terms, w))
        shown.offer((), w)
        values = MultiDict(pair for field in shown for pair in sent_of(field))
        form = TermsForm(formdata=values)
        form.offer((), w)
        return form


def sent_of(field: Field) -> Iterator[tuple[str, str]]:
    if isinstance(field, FormField):
        for inner in field.form:
            yield from sent_of(inner)
    elif isinstance(field, FieldList):
        for entry in field.entries:
            yield from sent_of(entry)
    elif field.type == "SelectField":
        chosen = (
            [x.value for x in field.iter_choices() if x.selected] if not field.has_groups() else []
        )
        if field.has_groups():
            chosen = [x.value for _, group in field.iter_groups() for x in group if x.selected]
        assert len(chosen) <= 1 and (chosen or not field.data), field.id
        yield field.name, str(chosen[0]) if chosen else first_choice(field)
    elif field.type in ("RadioField", "CheckboxesField"):
        for choice in field.iter_choices():
            if choice.selected:
                yield field.name, str(choice.value)
    elif isinstance(field, BooleanField):
        if field.data:
            yield field.name, "y"
    else:
        yield field.name, field._value()


def first_choice(field: Field) -> str:
    return str(next(x.value for x in field.iter_choices()))


def as_shown(terms: NoticeTerms) -> NoticeTerms:
    """Terms without what the form leaves alone."""
    return replace(terms, readings={})


@pytest.mark.parametrize("key", [entry["key"] for entry in CLAUSES])
def test_every_real_clause_comes_back_as_it_was(app: Flask, key: str):
    entry = next(x for x in CLAUSES if x["key"] == key)
    terms = terms_from_mapping(entry["terms"])
    form = sent_back(app, terms)
    with app.test_request_context():
        read, problems = form.read()
        assert problems == []
        assert read == as_shown(terms)
        assert read_form(form, wording_for("fr", "Europe/Paris"), at=AT).is_readable


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_comes_back_as_it_was(app: Flask, name: str):
    form = sent_back(app, PRESETS[name], "fr")
    with app.test_request_context():
        assert form.read() == (PRESETS[name], [])


@given(terms=any_terms())
@settings(max_examples=60)
def test_any_terms_come_back_as_they_were(app: Flask, terms: NoticeTerms):
    form = sent_back(app, terms)
    with app.test_request_context():
        read, problems = form.read()
        assert problems == []
        assert read == as_shown(terms)
        read_form(form, wording_for("en"), at=AT)


def test_every_word_of_the_terms_is_offered():
    for words in vars(terms_choices).values():
        if isinstance(words, dict) and words and isinstance(next(iter(words)), StrEnum):
            kind = type(next(iter(words)))
            offered = [x for x in kind if kind is not ProofKind or x not in NOT_OFFERED]
            assert set(offered) == set(words), kind
