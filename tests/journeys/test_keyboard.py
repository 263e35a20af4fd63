"""With the keyboard alone: a client objects and legal settles, and the focus can be seen."""

from datetime import date

from playwright.sync_api import expect

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Person
from tests.journeys.steps import announce, open_case
from tests.support.live_server import LiveVendor
from tests.support.web_client import PASSWORD

ALDER = "dpo@alder.example"

# What has the focus: its words or its label, and whether anybody can see that it has it.
_FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const label = e.labels && e.labels.length ? e.labels[0].innerText : e.innerText;
  const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  // The parts of a field for a day are the browser's own, with marks of its own.
  const passes = e === document.body || e.type === 'date';
  return [(label || '').trim(), seen || passes, e.outerHTML.slice(0, 120)];
}"""

# Everything that takes the focus, in the order of the document, each marked with its place; of a
# group of options only one is on the way.
_MARK = """() => {
  const all = [...document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter(e => !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0 && e.checkVisibility());
  const groups = new Set();
  const on_the_way = all.filter(e => {
    if (e.type !== 'radio') return true;
    const name = e.name, chosen = all.find(x => x.name === name && x.checked);
    if (chosen ? e !== chosen : groups.has(name)) return false;
    groups.add(name);
    return true;
  });
  on_the_way.forEach((e, n) => e.setAttribute('data-place', n));
  return on_the_way.map(e => e.outerHTML.slice(0, 120));
}"""


def test_a_client_objects_and_legal_settles_without_a_mouse(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal()
    announce(cast.publisher(), legal, commencement_on=date(2026, 6, 1))

    contact = cast.contact(ALDER)
    contact.open_notice()
    is_reached_in_order(contact)
    contact.page.reload()
    skip_to_the_content(contact)
    press_on(contact, "Object")
    write(contact, "Your first and last name", "Ada Berger")
    write(contact, "Your role", "DPO")
    press_on(contact, "Send the objection")
    contact.sees("We have recorded your objection.")
    vendor.run_jobs()

    open_case(legal, "Alder Clinic")
    is_reached_in_order(legal)
    legal.page.reload()
    skip_to_the_content(legal)
    press_on(legal, "Settle the objection")
    tab_to(legal, "accommodated", of_group=True)
    legal.page.keyboard.press("Space")
    write(legal, "Reason", "Alerts of the clinic stay with Vieux Port.")
    press_on(legal, "See the mail first")
    legal.sees("Your objection is met.")
    press_on(legal, "Record the settlement")
    if legal.heading == "Your password once more":
        legal.refusals += 1
        write(legal, "Your password", PASSWORD)
        press_on(legal, "Continue")
    legal.sees("The settlement is recorded.")


def skip_to_the_content(person: Person) -> None:
    """The first stop of every page; after it the next one is in the main part."""
    person.page.keyboard.press("Tab")
    said, _, _ = person.page.evaluate(_FOCUSED)
    assert said == person.say("Skip to the content")
    expect(person.page.locator(".skip-link")).to_be_in_viewport()
    person.page.keyboard.press("Enter")
    person.page.keyboard.press("Tab")
    assert person.page.evaluate("() => !!document.activeElement.closest('main')")


def tab_to(person: Person, text: str, *, of_group: bool = False) -> None:
    """Go on by Tab until the focus is on what is called so; every stop on the way can be seen."""
    text = person.say(text)
    for _ in range(150):
        said, is_seen, html = person.page.evaluate(_FOCUSED)
        assert is_seen, f"nobody sees that it has the focus: {html}"
        if said.lower().startswith(text.lower()):
            return
        person.page.keyboard.press("ArrowDown" if of_group and 'type="radio"' in html else "Tab")
    raise AssertionError(f"Tab never comes to “{text}” on {person.page.url}")


def press_on(person: Person, text: str) -> None:
    tab_to(person, text)
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")


def write(person: Person, label: str, value: str) -> None:
    tab_to(person, label)
    person.page.keyboard.insert_text(value)


def is_reached_in_order(person: Person) -> None:
    """Tab comes to everything that can be used, from the top to the bottom, and misses nothing."""
    there = person.page.evaluate(_MARK)
    assert len(there) > 8
    came_to = []
    for _ in there:
        person.page.keyboard.press("Tab")
        came_to.append(
            person.page.evaluate("() => document.activeElement.getAttribute('data-place')")
        )
    assert came_to == [str(place) for place in range(len(there))], there
