"""A page with every macro, in a real browser: widths, schemes, keyboard, and the policy."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Browser, Page, expect
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    validators,
)

from subnotify.rules import words
from subnotify.web.access import open_route, request_at
from subnotify.web.forms_base import CheckboxesField, PageForm, at_most, filled
from tests.support.browser import (
    NARROW,
    WIDE,
    contrast_problems,
    served,
    too_wide,
    watch,
)
from tests.support.databases import Databases
from tests.support.looks import every_width_and_scheme
from tests.support.web_client import SettableClock, make_app

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


class SampleForm(PageForm):
    name = StringField("Your name", validators=[filled("Enter your name")])
    choice = RadioField(
        "Which answer do you give?",
        choices=[("a", "I object to this change"), ("b", "I have no objection")],
        validators=[validators.InputRequired("Choose an answer")],
    )
    services = CheckboxesField("Services", choices=[("r", "Remote Desk"), ("b", "Backup")])
    day = DateField("Dispatched on", validators=[validators.InputRequired("Enter the day")])
    kind = SelectField("Kind", choices=[("x", "Addition"), ("y", "Replacement")])
    reason = TextAreaField("Reason", validators=[at_most(10)])
    sure = BooleanField("I have read what this leads to", validators=[filled("Tick the box")])


def add_sample(app: Flask) -> None:
    """The route /sample, with `?wrong=1` for a form full of errors."""
    app.jinja_loader = ChoiceLoader(
        [app.jinja_loader, FileSystemLoader(Path(__file__).parent)]  # type: ignore[list-item]
    )

    @app.route("/sample", methods=["GET", "POST"])
    @open_route
    def sample() -> str:
        form = SampleForm()
        if request.method == "POST":
            form.validate()
        macros = app.jinja_env.get_template("macros.html").module
        closes_at = datetime(2026, 3, 31, 22, tzinfo=UTC)
        rows = [
            [
                "Mairie de Saint-Étienne-du-Rouvray",
                "Remote Desk, Backup",
                macros.tag(state),  # type: ignore[attr-defined]
                macros.days_left(request_at() + timedelta(days=days)),  # type: ignore[attr-defined]
                macros.date(date(2026, 3, 2), "short"),  # type: ignore[attr-defined]
                days,
            ]
            for state, days in (
                (words.CaseState.OPEN, 29),
                (words.CaseState.HOLD, 2),
                (words.Outcome.TERMINATION_NOT_EXERCISED, -3),
            )
        ]
        return render_template(
            "style_sample.html",
            form=form,
            closes_at=closes_at,
            day=date(2026, 3, 1),
            rows=rows,
            states=[*words.CaseState, *words.Outcome, *words.MessageState],
        )


@pytest.fixture(scope="module")
def address(databases: Databases) -> Iterator[str]:
    app = make_app(databases.migrated("sqlite"), SettableClock(AT))
    add_sample(app)
    with served(app) as address:
        yield address


def opened(browser: Browser, width: int, scheme: str = "light") -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="en-GB",
    )
    return context.new_page()


@every_width_and_scheme
def test_pages_fit_and_can_be_read(browser: Browser, address: str, width: int, scheme: str) -> None:
    page = opened(browser, width, scheme)
    said = watch(page)
    for path in ("/sample", "/sign-in", "/reset", "/sample?lang=fr"):
        page.goto(address + path)
        assert too_wide(page) == []
        assert contrast_problems(page) == []
    assert said == [], "the policy blocks nothing that we use"


def test_errors_lead_to_their_fields(browser: Browser, address: str) -> None:
    page = opened(browser, NARROW)
    page.goto(address + "/sample")
    page.get_by_label("Reason").fill("far too long a reason")
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("far too long a reason")
    assert contrast_problems(page) == [] and too_wide(page) == []
    for text, control in (
        ("Enter your name", "Your name"),
        ("Choose an answer", "I object to this change"),
        ("Tick the box", "I have read what this leads to"),
    ):
        summary.get_by_role("link", name=text).click()
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_label(control)).to_be_focused()


def test_the_keyboard_finds_the_way_past_the_header(browser: Browser, address: str) -> None:
    page = opened(browser, WIDE)
    page.goto(address + "/sample")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    assert skip.evaluate("e => e.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "() => document.querySelector('main').contains(document.activeElement)"
    assert page.evaluate(inside)
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_table_stays_a_table_for_screen_readers(browser: Browser, address: str) -> None:
    page = opened(browser, NARROW)
    page.goto(address + "/sample")
    table = page.get_by_role("table", name="Cases")
    expect(table.get_by_role("row")).to_have_count(4)
    assert table.get_by_role("rowheader").first.inner_text() == "Mairie de Saint-Étienne-du-Rouvray"
    cell = table.get_by_role("cell").first
    label = cell.evaluate("e => getComputedStyle(e, '::before').content")
    assert label == '"Service"'


def test_choices_have_equal_weight(browser: Browser, address: str) -> None:
    for width in (NARROW, WIDE):
        page = opened(browser, width)
        page.goto(address + "/sample")
        looks = page.locator(".choices .button").evaluate_all(
            """all => all.map(e => { const s = getComputedStyle(e), b = e.getBoundingClientRect();
            return [Math.round(b.width), Math.round(b.height), s.backgroundColor, s.color,
                    s.borderColor, s.fontWeight, s.fontSize].join() })"""
        )
        assert len(looks) == 3 and len(set(looks)) == 1


def test_on_paper_only_the_content_is_left(browser: Browser, address: str) -> None:
    page = opened(browser, WIDE, "dark")
    page.goto(address + "/sample")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("button", name="Object", exact=True)).to_be_hidden()
    expect(page.get_by_role("navigation", name="Language")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
