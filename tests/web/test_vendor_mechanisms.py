"""The mechanisms that the vendor states, kept on the desk and shown in the chart."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from subnotify.rules.vendor_mechanisms import Mechanism, MechanismUse
from subnotify.rules.words import Role, VendorRole
from subnotify.storage.registry import get_vendor
from tests.support.page_forms import fields_of
from tests.support.statement import NOTHING_STATED, STATEMENT, publish_statement
from tests.support.web_client import SettableClock, WebClient, session_on

PAGE = "/desk/registry/vendor/mechanisms"
SHIELD = {
    "use": "self_certification",
    "code": "EU-US-PRIVACY-SHIELD",
    "roles": ["processor", "controller"],
    "comment_en": "Covered data from the EEA.",
    "comment_fr": "Couvrait les données de l’EEE.",
    "details_url": "https://vendor.example/shield",
    "effective_on": "2016-09-30",
    "replaced_by": "scc_eu_2021_m3",
}


@pytest.fixture
def published(database_url: str, at: datetime) -> str:
    publish_statement(database_url, at, NOTHING_STATED)
    return database_url


@pytest.fixture
def legal(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


def stated(url: str) -> tuple[Mechanism, ...]:
    with session_on(url) as session:
        return get_vendor(session).profile.mechanisms


def fill(browser: WebClient, path: str, **changed: object) -> dict[str, object]:
    """The form of a page, filled in."""
    return {**fields_of(browser.get(path).text), **changed}


def test_a_certification_is_added_and_seen_in_the_chart(
    published: str, legal: WebClient, client: WebClient
):
    before = client.get("/?lang=en").headers["ETag"]
    answer = legal.post_bare(f"{PAGE}/new", fill(legal, f"{PAGE}/new", **SHIELD))
    assert answer.status_code == 303, answer.text
    (mechanism,) = stated(published)
    assert (mechanism.use, mechanism.code) == (MechanismUse.SELF_CERTIFICATION, SHIELD["code"])
    assert (mechanism.effective_on, mechanism.modified_on) == (date(2016, 9, 30), date(2026, 3, 2))
    assert "EU-U.S. Privacy Shield (2016/1250)" in legal.get(PAGE).text
    page = client.get("/?lang=en", headers={"If-None-Match": before})
    assert page.status_code == 200
    assert "Covered data from the EEA." in page.text
    assert "lapsed on 16 July 2020" in page.text


def test_a_change_has_its_day_and_saving_the_same_has_none(
    published: str, legal: WebClient, clock: SettableClock
):
    legal.post_bare(f"{PAGE}/new", fill(legal, f"{PAGE}/new", **SHIELD))
    clock.at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    same = legal.post_bare(f"{PAGE}/1", fill(legal, f"{PAGE}/1"))
    assert same.status_code == 303
    assert "nothing was changed" in legal.get(PAGE).text
    clock.at = datetime(2026, 3, 3, 8, tzinfo=UTC)
    legal.sign_in("Ana legal")
    legal.post_bare(f"{PAGE}/1", fill(legal, f"{PAGE}/1", roles=["controller"]))
    (mechanism,) = stated(published)
    assert mechanism.roles == (VendorRole.CONTROLLER,)
    assert mechanism.modified_on == date(2026, 3, 3)


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    published: str, legal: WebClient
):
    wrong = fill(
        legal,
        f"{PAGE}/new",
        use="clients",
        roles=[],
        document_url="clauses.pdf",
        comment_en="On request",
    )
    answer = legal.post_bare(f"{PAGE}/new", wrong)
    assert "Choose at least one role" in answer.text
    answer = legal.post_bare(f"{PAGE}/new", {**wrong, "roles": ["processor"]})
    assert answer.status_code == 200
    assert 'href="#document_url"' in answer.text
    assert "is not a web address" in answer.text
    assert 'href="#code"' in answer.text
    assert 'value="clauses.pdf"' in answer.text
    assert "On request" in answer.text
    assert stated(published) == ()


def test_a_law_that_is_not_that_of_the_code_is_refused(published: str, legal: WebClient):
    answer = legal.post_bare(f"{PAGE}/new", fill(legal, f"{PAGE}/new", **SHIELD, law="CH_FADP"))
    assert "belongs to another law" in answer.text
    assert stated(published) == ()


def test_a_mechanism_is_removed_and_the_others_stay(
    database_url: str, at: datetime, legal: WebClient
):
    publish_statement(database_url, at, STATEMENT)
    before = stated(database_url)
    page = legal.get(PAGE).text
    assert "Agreement between the employers" in page
    legal.post_bare(f"{PAGE}/2/remove", fill(legal, PAGE))
    assert stated(database_url) == (before[0], *before[2:])
    # The page was of before: what stands at the same place now is another one.
    legal.post_bare(f"{PAGE}/2/remove", {**fields_of(page), "csrf_token": legal.token(PAGE)})
    assert stated(database_url) == (before[0], *before[2:])
    assert "Look again" in legal.get(PAGE).text


@pytest.mark.parametrize("number", [0, 5, 99])
def test_there_is_no_mechanism_elsewhere(
    database_url: str, at: datetime, legal: WebClient, number: int
):
    publish_statement(database_url, at, STATEMENT)
    assert legal.get(f"{PAGE}/{number}").status_code == 404


def test_who_may_not_change_the_vendor_may_not_state_its_mechanisms(
    published: str, signed_in: Callable[..., WebClient]
):
    publisher = signed_in(Role.PUBLISHER)
    for path in (PAGE, f"{PAGE}/new", f"{PAGE}/1"):
        assert publisher.get(path).status_code == 403
