"""The vendor's profile on the desk, and the export laws that every entry must be lawful under."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import Role
from subnotify.storage.registry import get_vendor
from subnotify.storage.tables import AgreementRow, EvidenceContentRow, EvidenceRow
from tests.support.page_forms import fields_of
from tests.support.release_world import ReleaseWorld
from tests.support.samples import COMPLETED_LIST, sample
from tests.support.web_client import WebClient, session_on

PARIS = ZoneInfo("Europe/Paris")
PAGE = "/desk/registry/vendor"
EU, CH, UK = ExportLaw


@pytest.fixture
def published(database_url: str, at: datetime) -> str:
    with session_on(database_url) as session:
        import_registry(session, sample(COMPLETED_LIST), by="paul", at=at, zone=PARIS)
        publish_list(session, by="paul", at=at, zone=PARIS)
    return database_url


@pytest.fixture
def legal(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


def profile(url: str) -> VendorProfile:
    with session_on(url) as session:
        return get_vendor(session).profile


def recorded(url: str) -> list[dict[str, object]]:
    with session_on(url) as session:
        return list(
            session.scalars(
                select(EvidenceContentRow.content)
                .join(EvidenceRow, EvidenceRow.id == EvidenceContentRow.evidence_id)
                .where(EvidenceRow.type == "vendor_changed")
                .order_by(EvidenceRow.id)
            )
        )


def test_a_law_is_added_only_after_its_consequences_were_shown(published: str, legal: WebClient):
    before = profile(published)
    fields = fields_of(legal.get(PAGE).text)
    fields["laws"] = [*(law.value for law in before.laws), UK.value]
    answer = legal.post_bare(PAGE, fields)
    assert answer.status_code == 200
    assert "Not kept yet" in answer.text and "become" in answer.text
    for name in ("Sentry", "ZENDESK", "PIPEDRIVE", "HUBSPOT"):
        assert f">{name}</a>" in answer.text
    assert ">IONOS</a>" not in answer.text
    assert profile(published) == before
    answer = legal.post_bare(PAGE, fields_of(answer.text))
    assert answer.status_code == 303
    assert profile(published).laws == (*before.laws, UK)
    (content,) = recorded(published)
    assert content["by"] == "Ana legal"
    assert content["after"] == {"laws": [law.value for law in (*before.laws, UK)]}
    # The registry shows the gaps at once.
    page = legal.get("/desk/registry").text
    assert page.count("no lawful basis any more") == 4
    assert "UK GDPR" in page


def test_another_choice_of_laws_is_warned_of_anew(published: str, legal: WebClient):
    fields = fields_of(legal.get(PAGE).text)
    fields["laws"] = [EU.value, UK.value]
    fields["confirmed"] = [EU.value]
    assert "Not kept yet" in legal.post_bare(PAGE, fields).text


def test_a_law_that_an_agreement_names_stays(database_url: str, at: datetime, legal: WebClient):
    with session_on(database_url) as session:
        world = ReleaseWorld(session, at=at)
        agreement = world.add_agreement()
        session.execute(
            update(AgreementRow)
            .where(AgreementRow.id == agreement)
            .values(export_laws=frozenset({EU}))
        )
        session.commit()
    fields = fields_of(legal.get(PAGE).text)
    fields["laws"] = [CH.value]
    answer = legal.post_bare(PAGE, fields)
    assert "Agreements name a law that would be removed: DPA-1." in answer.text
    assert 'href="#laws-0"' in answer.text
    assert profile(database_url).laws == (EU,)


def test_what_is_wrong_is_said_at_its_field_and_kept(published: str, legal: WebClient):
    before = profile(published)
    fields = fields_of(legal.get(PAGE).text)
    fields |= {"name": [""], "contact_email": ["nobody"], "country": ["XX"], "laws": []}
    answer = legal.post_bare(PAGE, fields)
    assert 'href="#name"' in answer.text
    answer = legal.post_bare(PAGE, fields | {"name": ["Argonne"]})
    for anchor in ("contact_email", "country", "laws-0"):
        assert f'href="#{anchor}"' in answer.text, anchor
    assert 'value="nobody"' in answer.text
    assert profile(published) == before and recorded(published) == []


def test_other_facts_stay_and_the_same_again_changes_nothing(published: str, legal: WebClient):
    before = profile(published)
    fields = fields_of(legal.get(PAGE).text)
    legal.post_bare(PAGE, fields)
    assert profile(published) == before and recorded(published) == []
    for _time in range(2):
        answer = legal.post_bare(PAGE, fields | {"contact_name": ["Nour Haddad"]})
        assert answer.status_code == 303
    assert profile(published).contact_name == "Nour Haddad"
    assert profile(published).demonstration is before.demonstration
    assert profile(published).mechanisms == before.mechanisms
    assert len(recorded(published)) == 1


def test_who_comes_second_is_told(published: str, legal: WebClient):
    fields = fields_of(legal.get(PAGE).text)
    legal.post_bare(PAGE, fields | {"contact_name": ["Nour Haddad"]})
    answer = legal.post_bare(PAGE, fields | {"contact_name": ["Ada Berger"]})
    assert "Somebody else changed the vendor&#39;s profile meanwhile." in answer.text
    assert profile(published).contact_name == "Nour Haddad"
    answer = legal.post_bare(PAGE, fields_of(answer.text))
    assert answer.status_code == 303
    assert profile(published).contact_name == "Ada Berger"


def test_legal_and_administrators_only(published: str, signed_in: Callable[..., WebClient]):
    assert signed_in(Role.PUBLISHER).get(PAGE).status_code == 403
    admin = signed_in(Role.ADMIN)
    assert admin.get(PAGE).status_code == 200
    assert f'href="{PAGE}"' in admin.get("/desk/registry").text


def test_before_the_first_import_there_is_no_profile(legal: WebClient):
    assert legal.get(PAGE).status_code == 404
