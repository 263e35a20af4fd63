"""Countries that an agreement does not allow: release preview, gate, case, exceptions, the list."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.commence_changes import commence_changes
from subnotify.operations.judge_countries import judge_countries
from subnotify.operations.transaction import transaction
from subnotify.rules.country_groups import COUNTRY_GROUPS
from subnotify.rules.reading import Reader
from subnotify.rules.terms_reading import read_terms
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import vendor_to_mapping
from subnotify.rules.words import CaseState, Role
from subnotify.storage.tables import (
    AgreementRow,
    CountryExceptionRow,
    SubprocessorRow,
    VendorRow,
)
from subnotify.web.terms_places import country_codes, country_lines
from subnotify.wording.language import wording_for
from tests.operations.blocked_world import SWISS, case_under, close_all, serve_all
from tests.operations.desk import standing_of
from tests.support.release_world import PARIS, ReleaseWorld
from tests.support.scenario import Scenario, terms_of
from tests.support.scenario_facts import VENDOR
from tests.support.web_client import WebClient, session_on

DAY = timedelta(days=1)
SignIn = Callable[..., WebClient]


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def released(world: ReleaseWorld) -> int:
    change = world.add_change("orage", services=("mail",))
    release = world.draft([change], commences_by_itself=True)
    world.approve(release)
    world.release(release)
    serve_all(world.session, world.at)
    return change


def test_preview_gate_and_case_name_what_is_not_allowed(session, world, signed_in: SignIn):
    world.add_agreement()
    swiss = world.add_agreement(terms=SWISS)
    release = world.draft([world.add_change("orage", services=("mail",))])
    legal = signed_in(Role.LEGAL)
    page = legal.get(f"/desk/releases/{release}").text
    assert "1 agreement does not allow: France." in page
    assert f'href="/desk/agreements/{swiss}#countries"' in page
    world.approve(release)
    world.release(release)
    serve_all(session, world.at)
    gate = legal.get("/desk/changes/1/gate").text
    assert "agreement does not allow these countries" in gate
    assert "the agreement does not allow: France" in gate
    assert "1 client is not settled: the gate is shut." in gate
    case = case_under(session, swiss)
    address = f"/desk/agreements/{swiss}/exceptions/new?case={case}"
    assert f'href="{address}"' in gate
    shown = legal.get(f"/desk/cases/{case}").text
    assert f'href="{address}"' in shown
    assert "The agreement does not allow processing there" in shown
    assert "Clear the hold" not in shown


def test_an_exception_is_recorded_from_its_case(session, world, signed_in: SignIn, at):
    swiss = world.add_agreement(terms=SWISS)
    released(world)
    case = case_under(session, swiss)
    path = f"/desk/agreements/{swiss}/exceptions/new?case={case}"
    assert signed_in(Role.PUBLISHER).get(path).status_code == 403
    legal = signed_in(Role.LEGAL)
    form = legal.get(path).text
    orage = session.scalars(select(SubprocessorRow.id)).one()
    session.rollback()
    # It starts from what blocks the case.
    assert '<option selected value="FR">' in form
    assert f'<option selected value="{orage}">' in form
    wrong = legal.post(path, country="FR", subprocessor_id=str(orage), from_on="soon")
    assert "Write the reference of the document" in wrong.text
    assert 'value="soon"' in wrong.text
    early = {"from_on": "2026-03-01", "until_on": "2026-03-01", "reference": "Amendment 3"}
    refused = legal.post(path, country="FR", subprocessor_id=str(orage), **early)
    assert "is not after its first day" in refused.text
    assert standing_of(session, case)[0] is CaseState.HOLD
    given = {"from_on": "2026-03-01", "reference": "Amendment 3", "note": "signed by the CEO"}
    done = legal.post(path, country="FR", subprocessor_id=str(orage), **given)
    assert done.location.endswith(f"/desk/cases/{case}")
    assert standing_of(session, case) == (CaseState.OPEN, [], None)
    again = legal.post(path, country="FR", subprocessor_id=str(orage), **given)
    assert "nothing was changed" in legal.get(again.location).text
    page = legal.get(f"/desk/agreements/{swiss}").text
    for said in ("only in: Switzerland", "France", "Amendment 3", "signed by the CEO", "Orage"):
        assert said in page, said
    (exception,) = session.scalars(select(CountryExceptionRow.id)).all()
    session.rollback()
    end = f"/desk/agreements/{swiss}/exceptions/{exception}/end"
    assert end in page
    assert "reason" in legal.post(end, note="").text.lower()
    assert legal.post(end, note="they changed their mind").status_code == 303
    assert standing_of(session, case)[0] is CaseState.HOLD
    assert ">over<" in legal.get(f"/desk/agreements/{swiss}").text
    refused = legal.post(end, note="again")
    assert "has been ended" in refused.text


def test_exceptions_belong_to_their_agreement(session, world, signed_in: SignIn):
    swiss, other = world.add_agreement(terms=SWISS), world.add_agreement(terms=SWISS)
    released(world)
    legal = signed_in(Role.LEGAL)
    foreign = case_under(session, other)
    form = legal.get(f"/desk/agreements/{swiss}/exceptions/new?case={foreign}").text
    assert '<option selected value="FR">' not in form
    plain = {"country": "FR", "subprocessor_id": "0", "from_on": "2026-03-01", "reference": "A"}
    legal.post(f"/desk/agreements/{other}/exceptions/new", **plain)
    (exception,) = session.scalars(select(CountryExceptionRow.id)).all()
    session.rollback()
    assert legal.get(f"/desk/agreements/{swiss}/exceptions/{exception}/end").status_code == 404
    assert legal.get("/desk/agreements/999/exceptions/new").status_code == 404
    for case in ("999999999999999999999", "x", "-1"):
        address = f"/desk/agreements/{swiss}/exceptions/new?case={case}"
        assert legal.get(address).status_code == 200


def test_the_clients_page_says_that_nothing_changes_for_it(session, client: WebClient, at):
    terms = replace(terms_of("fr-15-days"), allowed_countries=frozenset({"CH"}))
    announced = Scenario(session, at=at).announce(terms=terms, changes=2)
    page = client.get(f"/n/{announced.token}").text
    assert "is not used for you" not in page
    with transaction(session):
        judge_countries(session, announced.case_ids[:1], today=at.date(), actor="t", at=at)
        apply_standings(session, announced.case_ids[:1], actor="t", at=at)
    page = client.get(f"/n/{announced.token}").text
    told = "Without your recorded exception this subprocessor is not used for you."
    assert page.count(told) == 1
    assert "only in: Switzerland." in page
    # The other change runs as it did: what silence means is said of it.
    assert "Your silence is not taken as acceptance" not in page
    with transaction(session):
        judge_countries(session, announced.case_ids, today=at.date(), actor="t", at=at)
        apply_standings(session, announced.case_ids, actor="t", at=at)
    page = client.get(f"/n/{announced.token}").text
    assert page.count(told) == 2
    assert "Your silence is not taken as acceptance" in page
    # It can object all the same.
    assert f"/n/{announced.token}/object" in page


def test_the_list_of_a_client_and_its_data(session, world, signed_in: SignIn, at, clock):
    swiss, free = world.add_agreement(terms=SWISS), world.add_agreement()
    released(world)
    close_all(session, case_under(session, free))
    then = at + 61 * DAY
    assert commence_changes(session, zone=PARIS, at=then)
    clock.at = then
    legal = signed_in(Role.LEGAL)
    assert f'href="/desk/agreements/{swiss}/list"' in legal.get(f"/desk/agreements/{swiss}").text
    page = legal.get(f"/desk/agreements/{free}/list").text
    assert "Orage Hébergement SAS" in page and "not used for this client" not in page
    page = legal.get(f"/desk/agreements/{swiss}/list").text
    assert "Nobody: no entry of the list is used for this client." in page
    assert "The agreement does not allow processing in: France." in page
    data = legal.get(f"/desk/agreements/{free}/list.json").get_json()
    assert data["format"] == "subnotify-client-list-1"
    assert [(x["key"], x["services"]) for x in data["subprocessors"]] == [("orage", ["mail"])]
    assert data["not_used"] == []
    blocked = legal.get(f"/desk/agreements/{swiss}/list.json").get_json()
    assert [(x["reason"], x["countries"]) for x in blocked["not_used"]] == [("country", ["FR"])]
    before = (then - DAY).date().isoformat()
    past = legal.get(f"/desk/agreements/{free}/list?on={before}").text
    assert "The list that applied to this client on" in past and "Orage" not in past
    for asked in ("tomorrow", (then + DAY).date().isoformat()):
        for address in ("list", "list.json"):
            answer = legal.get(f"/desk/agreements/{free}/{address}?on={asked}")
            assert answer.status_code == 400
    assert signed_in(Role.ADMIN).get(f"/desk/agreements/{free}/list").status_code == 403
    assert legal.get("/desk/agreements/999/list").status_code == 404


def test_the_laws_of_an_agreement_are_asked_where_the_vendor_has_several(
    session, world, signed_in: SignIn
):
    agreement = world.add_agreement()
    path = f"/desk/agreements/{agreement}/edit"
    browser = signed_in(Role.PUBLISHER)
    assert 'name="laws"' not in browser.get(path).text
    both = replace(VENDOR, laws=(ExportLaw.EU_GDPR, ExportLaw.CH_FADP))
    session.execute(update(VendorRow).values(profile=vendor_to_mapping(both)))
    session.commit()
    form = browser.get(path).text
    assert form.count('name="laws"') == 2 and "checked" not in _laws_of(form)
    kept = {"reference": "DPA-1", "language": "en"}
    assert browser.post(path, laws=["CH_FADP"], **kept).status_code == 303
    session.expire_all()
    assert session.get_one(AgreementRow, agreement).export_laws == {ExportLaw.CH_FADP}
    session.rollback()
    assert _laws_of(browser.get(path).text).count("checked") == 1
    page = browser.get(f"/desk/agreements/{agreement}").text
    assert "Laws of the client" in page
    answer = browser.post(path, laws=["UK_GDPR"], **kept)
    assert answer.status_code == 200
    assert browser.post(path, **kept).status_code == 303
    session.expire_all()
    assert session.get_one(AgreementRow, agreement).export_laws == frozenset()


def _laws_of(form: str) -> str:
    return " ".join(re.findall(r'<input[^>]*name="laws"[^>]*>', form))


def test_the_terms_form_takes_a_group_by_its_word_and_shows_it_so():
    w = wording_for("fr")
    plain = {"preset": "fr-15-days", "allowed_countries": country_codes("UE\nSuisse\nnorway")}
    terms = read_terms(plain, "terms", Reader())
    assert terms is not None
    assert terms.allowed_countries == COUNTRY_GROUPS["EU"] | {"CH", "NO"}
    shown = country_lines(terms.allowed_countries, w)
    assert shown == "EU\nNorvège\nSuisse"
    again = read_terms({**plain, "allowed_countries": country_codes(shown)}, "terms", Reader())
    assert again == terms
