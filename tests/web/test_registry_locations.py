"""The page of one location: choosing what a transfer rests on, told what is missing, kept."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_words import ExportLaw, FrameworkList
from subnotify.rules.words import Role
from subnotify.storage.registry import find_subprocessor, list_draft_changes
from tests.support.page_forms import fields_of
from tests.support.samples import COMPLETED_LIST, PUBLISHED_LIST, sample
from tests.support.transfers import REFERENCE
from tests.support.web_client import SettableClock, WebClient, session_on

PARIS = ZoneInfo("Europe/Paris")
REGISTRY = "/desk/registry"
EU, CH = ExportLaw.EU_GDPR, ExportLaw.CH_FADP
CLAUSES = "EU_GDPR-scc_eu_2021_m3-"
DPF = "EU_GDPR-EU-US-DPF-"
BASES = 'id="bases"'


def vendor(*laws: str) -> bytes:
    return (
        "vendor: {name: Hexapode SAS, contact_email: privacy@hexapode.example,"
        f" laws: [{', '.join(laws)}]}}\n"
        "services: [{key: monitoring, name: Hexapode Watch}]\n"
    ).encode()


def entry(places: str, *, laws: str = "EU_GDPR", more: str = "") -> bytes:
    return (
        vendor(laws)
        + (
            "subprocessors:\n  - key: lantern\n    name: Lantern Inc.\n"
            "    address: 1 Bay Street, Oakland\n    contact: dpo@lantern.example\n"
            "    activities: Sends alerts\n    services: [monitoring]\n"
            f"    data_categories: Names\n{more}    locations: [{places}]\n"
        ).encode()
    )


SEAT, SUPPORT = "{country: US, kind: establishment}", "{country: US, kind: support}"


@pytest.fixture
def publisher(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.PUBLISHER)


@pytest.fixture
def drafted(database_url: str, at: datetime) -> Callable[..., str]:
    """`drafted(SEAT)`: imports an entry with these places; the address of its pages."""

    def draft(*places: str, laws: str = "EU_GDPR", more: str = "") -> str:
        with session_on(database_url) as session:
            source = entry(", ".join(places), laws=laws, more=more)
            import_registry(session, source, by="paul", at=at, zone=PARIS)
            found = find_subprocessor(session, "lantern")
            assert found is not None
            return f"{REGISTRY}/{found.id}"

    return draft


def facts_of(url: str, key: str = "lantern") -> SubprocessorFacts:
    with session_on(url) as session:
        found = find_subprocessor(session, key)
        assert found is not None and found.draft_facts is not None
        return found.draft_facts


def place(url: str, number: int = 1) -> Location:
    return facts_of(url).locations[number - 1]


def conditions_of(code: str) -> list[str]:
    safeguard = REFERENCE.find_safeguard(code)
    assert safeguard is not None
    return [x.text for x in safeguard.conditions if x.kind.value == "confirmed"]


WHOLE = {
    f"{CLAUSES}chosen": "y",
    f"{CLAUSES}signed_on": "2025-02-01",
    f"{CLAUSES}tia_reference": "TIA-7",
    f"{CLAUSES}tia_done_on": "2025-01-20",
    f"{CLAUSES}tia_result": "sufficient_with_measures",
    f"{CLAUSES}evidence_annex_version": "2",
    f"{CLAUSES}evidence_clause_9_option": "2",
    f"{CLAUSES}conditions": conditions_of("scc_eu_2021_m3"),
}
LISTED = {
    f"{DPF}chosen": "y",
    f"{DPF}entity": "Lantern Incorporated",
    f"{DPF}status": "active",
    f"{DPF}lists": ["EU-U.S.", "Swiss-U.S."],
    f"{DPF}covered_data": ["non_hr"],
    f"{DPF}checked_on": "2026-01-05",
}


def test_the_page_offers_what_fits_first_and_says_why_the_rest_does_not(
    drafted: Callable[..., str], publisher: WebClient
):
    page = publisher.get(f"{drafted(SEAT)}/locations/1").text
    first = page.index("EU-U.S. Data Privacy Framework (2023/1795)")
    assert first < page.index("Standard contractual clauses 2021/914, module 3")
    assert "Fits: from a processor to its subprocessor." in page
    left_out = page.split("What does not fit, and why")[1]
    for name, why in (
        ("module 2", "It does not fit a transfer from a processor to its subprocessor."),
        ("EU-U.S. Privacy Shield", "It ended; its last day was 15 July 2020"),
        ("Derogations for specific situations", "It is no basis for standing transfers."),
    ):
        assert why in left_out.split(name)[1].split("</div>")[0]
    for field in ("signed_on", "tia_reference", "tia_done_on", "evidence_annex_version"):
        assert f'id="{CLAUSES}{field}"' in page
    # Only what each asks for.
    assert f"{CLAUSES}module" not in page and f"{DPF}signed_on" not in page


def test_a_controller_is_offered_module_2(drafted: Callable[..., str], publisher: WebClient):
    address = drafted(SEAT, more="    role: controller\n")
    page = publisher.get(f"{address}/locations/1").text
    assert "EU_GDPR-scc_eu_2021_m2-chosen" in page
    assert f"{CLAUSES}chosen" not in page
    assert "Fits: from a controller to its processor." in page


def test_clauses_with_all_they_ask_for_make_it_lawful(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted(SEAT)
    response = publisher.post(f"{address}/locations/1", **WHOLE)
    assert response.status_code == 303 and response.location == address
    (basis,) = place(database_url).bases
    assert (basis.law, basis.code, basis.signed_on) == (EU, "scc_eu_2021_m3", date(2025, 2, 1))
    assert basis.impact_assessment is not None
    assert basis.impact_assessment.reference == "TIA-7"
    assert dict(basis.evidence) == {"annex_version": "2", "clause_9_option": "2"}
    page = publisher.get(address).text
    assert "Draft saved. Nothing is missing." in page
    assert "standard contractual clauses 2021/914, module 3" in page
    assert '<span class="tag ok">lawful</span>' in page


@pytest.mark.parametrize(
    ("left_out", "anchor", "words"),
    [
        ("signed_on", "signed_on", "The day it was signed"),
        ("evidence_annex_version", "evidence_annex_version", "The version of the annexes"),
        ("evidence_clause_9_option", "evidence_clause_9_option", "The option of clause 9"),
        ("conditions", "conditions-0", "That this condition is met"),
        ("conditions", "conditions-1", "That this condition is met"),
    ],
)
def test_each_fact_that_is_missing_is_named_and_links_to_its_field(
    drafted: Callable[..., str], publisher: WebClient, left_out: str, anchor: str, words: str
):
    address = drafted(SEAT)
    given = {k: v for k, v in WHOLE.items() if k != f"{CLAUSES}{left_out}"}
    response = publisher.post(f"{address}/locations/1", **given)
    assert response.location == f"{address}/locations/1"
    page = publisher.get(response.location).text
    assert "still missing" in page
    listed = page.split('id="missing"')[1].split("</ul>")[0]
    assert f'<a href="#{CLAUSES}{anchor}">{words}' in listed
    assert f'id="{CLAUSES}{anchor}"' in page
    assert "lawful once recorded" in page
    # The same from the entry's page and from the registry.
    assert f'{address}/locations/1#{CLAUSES}{anchor}"' in publisher.get(address).text


def test_half_an_assessment_or_list_entry_is_refused_at_its_field(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = f"{drafted(SEAT)}/locations/1"
    half = {k: v for k, v in {**WHOLE, **LISTED}.items() if k not in REST}
    response = publisher.post(address, **half, **{f"{CLAUSES}expires_on": "soon"})
    assert response.status_code == 200
    response = publisher.post(address, **half)
    summary = response.text.split('class="error-summary"')[1].split("</div>")[0]
    for anchor, words in (
        (f"{CLAUSES}tia_done_on", "Write the day of the transfer impact assessment."),
        (f"{CLAUSES}tia_result-0", "Choose what the transfer impact assessment found."),
        (f"{DPF}status-0", "Say whether the entry on the list is active."),
    ):
        assert f'<a href="#{anchor}">{words}</a>' in summary
        assert f'id="{anchor}"' in response.text
    # Everything typed is kept, and nothing was stored.
    assert 'value="TIA-7"' in response.text and 'value="Lantern Incorporated"' in response.text
    assert f'checked id="{CLAUSES}chosen"' in response.text
    assert place(database_url).bases == ()


REST = {f"{CLAUSES}tia_done_on", f"{CLAUSES}tia_result", f"{DPF}status"}


def test_a_dormant_basis_stands_beside_the_framework(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted(SEAT)
    publisher.post(f"{address}/locations/1", **WHOLE, **LISTED)
    framework, clauses = place(database_url).bases
    assert (framework.code, clauses.code) == ("EU-US-DPF", "scc_eu_2021_m3")
    assert framework.list_entry is not None
    assert framework.list_entry.lists == {FrameworkList.EU_US, FrameworkList.SWISS_US}
    # Unticked, it goes; the other stays as it was.
    fields = fields_of(publisher.get(f"{address}/locations/1").text, form=BASES)
    del fields[f"{DPF}chosen"]
    publisher.post_bare(f"{address}/locations/1", fields)
    assert place(database_url).bases == (clauses,)


def test_each_law_has_its_own_part(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted(SEAT, laws="EU_GDPR, CH_FADP")
    publisher.post(f"{address}/locations/1", **WHOLE)
    page = publisher.get(f"{address}/locations/1").text
    assert "What is recorded holds under another law (EU GDPR)" in page
    swiss = "CH_FADP-ch_scc-"
    response = publisher.post(
        f"{address}/locations/1",
        **WHOLE,
        **{
            f"{swiss}chosen": "y",
            f"{swiss}signed_on": "2025-02-01",
            f"{swiss}module": "2",
            f"{swiss}tia_reference": "TIA-8",
            f"{swiss}tia_done_on": "2025-01-20",
            f"{swiss}tia_result": "sufficient",
            f"{swiss}conditions": conditions_of("ch_scc"),
        },
    )
    page = publisher.get(response.location).text
    assert "Module 2 does not fit the roles of vendor and recipient; module 3 does" in page
    fields = fields_of(page, form=BASES)
    fields[f"{swiss}module"] = ["3"]
    response = publisher.post_bare(f"{address}/locations/1", fields)
    assert response.location == address
    assert [x.law for x in place(database_url).bases] == [EU, CH]


def test_where_nothing_is_needed_nothing_is_asked(
    drafted: Callable[..., str], publisher: WebClient
):
    address = drafted("{country: 'NO', kind: establishment}", laws="EU_GDPR, UK_GDPR")
    page = publisher.get(f"{address}/locations/1").text
    assert page.count("Nothing is to be recorded.") == 2
    assert "It is in the EEA but not in the EU" in page
    assert "<details open><summary><span>Nothing" not in page


def test_an_adequacy_decision_with_a_limit_asks_for_its_condition(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted("{country: CA, kind: establishment}")
    page = publisher.get(f"{address}/locations/1").text
    assert "Covers some recipients only: confirm that this is one of them." in page
    assert 'href="#EU_GDPR-EU-CA-conditions-0"' in page
    fields = fields_of(page, form=BASES)
    # The decision is ticked already, so that its condition is seen.
    assert fields["EU_GDPR-EU-CA-chosen"] == ["y"]
    fields["EU_GDPR-EU-CA-conditions"] = ["Record why PIPEDA applies to the recipient."]
    fields["EU_GDPR-EU-CA-reference"] = ["Commercial activity in Ontario"]
    response = publisher.post_bare(f"{address}/locations/1", fields)
    assert response.location == address
    (basis,) = place(database_url).bases
    assert (basis.code, basis.reference) == ("EU-CA", "Commercial activity in Ontario")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("country: GI", "no EU adequacy decision (2021/1772 covers the UK, not Gibraltar)"),
        ("country: GL", "Greenland: OCT, not EU."),
        ("country: RE", "French outermost regions: EU territory, GDPR applies."),
        ("country: PR", "DPF eligibility follows the US list, not the ISO code."),
    ],
)
def test_traps_of_territories_are_told(
    drafted: Callable[..., str], publisher: WebClient, where: str, words: str
):
    address = drafted(f"{{{where}, kind: establishment}}")
    page = publisher.get(f"{address}/locations/1").text
    assert "Easily mistaken:" in page and words in page
    assert words in publisher.get(address).text


def test_an_organisation_without_a_country_is_a_place_of_its_own(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted(SEAT)
    fields = fields_of(publisher.get(f"{address}/edit").text)
    fields["locations-1-organisation"] = ["European Patent Organisation"]
    fields["locations-1-kind"] = ["hosting"]
    publisher.post_bare(f"{address}/edit", fields)
    assert place(database_url, 2).organisation == "European Patent Organisation"
    page = publisher.get(f"{address}/locations/2").text
    assert "Hosting, European Patent Organisation: what makes the transfer lawful" in page
    assert "adequate" in page and "Nothing is to be recorded." in page


def test_one_click_records_the_same_as_for_the_seat(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted(SEAT, SUPPORT)
    response = publisher.post(f"{address}/locations/1", **WHOLE)
    # The next place that lacks a basis follows, and offers the one just recorded.
    assert response.location == f"{address}/locations/2"
    page = publisher.get(response.location).text
    assert "Next: what makes the transfer lawful. Support, United States." in page
    assert "Record the same as for: Seat, United States" in page
    copied = publisher.post_bare(
        f"{address}/locations/2/copy", fields_of(page, form="/locations/2/copy")
    )
    assert copied.status_code == 303 and copied.location == address
    assert place(database_url, 1).bases == place(database_url, 2).bases != ()


def test_nothing_is_copied_from_another_country(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted(SEAT, "{country: IN, kind: support}")
    publisher.post(f"{address}/locations/1", **WHOLE)
    page = f"{address}/locations/2"
    token = publisher.token(page)
    for number in ("1", "2", "7", "0", "-1", "x", "9" * 30):
        answer = publisher.post_bare(f"{page}/copy", {"csrf_token": token, "from": number})
        assert answer.status_code in (303, 404), number
    assert place(database_url, 2).bases == ()


def test_another_country_loses_the_bases_and_another_kind_keeps_them(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted(SEAT, SUPPORT)
    for number in (1, 2):
        publisher.post(f"{address}/locations/{number}", **WHOLE)
    fields = fields_of(publisher.get(f"{address}/edit").text)
    fields["locations-0-country"] = ["IN"]
    fields["locations-1-kind"] = ["access"]
    publisher.post_bare(f"{address}/edit", fields)
    first, second = facts_of(database_url).locations
    assert (first.country, first.bases) == ("IN", ())
    assert (second.kind, [x.code for x in second.bases]) == ("access", ["scc_eu_2021_m3"])


def test_saving_a_place_as_it_is_shown_changes_nothing(
    database_url: str, publisher: WebClient, at: datetime
):
    with session_on(database_url) as session:
        import_registry(session, sample(COMPLETED_LIST), by="paul", at=at, zone=PARIS)
        publish_list(session, by="paul", at=at, zone=PARIS)
        entries = [
            (found.id, len(found.draft_facts.locations) if found.draft_facts else 2)
            for key in ("pipedrive", "ovhcloud", "sentry", "zendesk", "hubspot", "ionos")
            if (found := find_subprocessor(session, key))
        ]
    for number, places in entries:
        for n in range(1, places + 1):
            page = publisher.get(f"{REGISTRY}/{number}/locations/{n}")
            if page.status_code == 404:
                continue
            fields = fields_of(page.text, form=BASES)
            answer = publisher.post_bare(f"{REGISTRY}/{number}/locations/{n}", fields)
            assert answer.status_code == 303, answer.text
    with session_on(database_url) as session:
        assert list_draft_changes(session) == ()


def test_who_comes_second_is_told_and_loses_nothing(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = f"{drafted(SEAT)}/locations/1"
    mine = fields_of(publisher.get(address).text, form=BASES) | WHOLE
    publisher.post(address, **LISTED)
    answer = publisher.post_bare(address, mine)
    assert answer.status_code == 200
    assert "Somebody else changed the transfer bases of this place meanwhile." in answer.text
    assert 'value="TIA-7"' in answer.text
    assert [x.code for x in place(database_url).bases] == ["EU-US-DPF"]
    # Sent again, it is meant; and once more is the same.
    again = fields_of(answer.text, form=BASES)
    for _time in range(2):
        assert publisher.post_bare(address, again).status_code == 303
    assert [x.code for x in place(database_url).bases] == ["scc_eu_2021_m3"]


def test_a_place_that_moved_is_not_written_over(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted("{country: IN, kind: support}", SEAT)
    of_india, of_the_us = (
        fields_of(publisher.get(f"{address}/locations/{n}").text, form=BASES) | WHOLE
        for n in (1, 2)
    )
    fields = fields_of(publisher.get(f"{address}/edit").text)
    fields["locations-0-country"] = [""]
    publisher.post_bare(f"{address}/edit", fields)
    assert [x.country for x in facts_of(database_url).locations] == ["US"]
    assert publisher.post_bare(f"{address}/locations/2", of_the_us).status_code == 404
    refused = publisher.post_bare(f"{address}/locations/1", of_india)
    assert "Somebody else changed" in refused.text
    assert place(database_url).bases == ()


def test_only_publishers_open_it_and_only_what_exists(
    drafted: Callable[..., str], signed_in: Callable[..., WebClient], publisher: WebClient
):
    address = drafted(SEAT)
    legal = signed_in(Role.LEGAL)
    assert legal.get(f"{address}/locations/1").status_code == 403
    assert "/locations/1" not in legal.get(address).text
    token = publisher.token(f"{address}/locations/1")
    for number in ("0", "2", "99", "2147483647", "2147483648", "9" * 40, "-1", "x"):
        assert publisher.get(f"{address}/locations/{number}").status_code == 404, number
        for page in (number, f"{number}/copy"):
            answer = publisher.post_bare(f"{address}/locations/{page}", {"csrf_token": token})
            assert answer.status_code in (404, 405), page
    assert publisher.get(f"{REGISTRY}/99/locations/1").status_code == 404


@pytest.mark.parametrize(
    "text", ["\x00", "‮ ​", "<script>alert(1)</script>\r\n", "x" * 5000, "%(a)s {b}", "’'\""]
)
def test_no_text_breaks_the_page(drafted: Callable[..., str], publisher: WebClient, text: str):
    address = f"{drafted(SEAT)}/locations/1"
    odd = {f"{CLAUSES}chosen": "y", **{k: text for k in WHOLE if not k.endswith("chosen")}}
    answer = publisher.post(address, **{**odd, **dict.fromkeys(LISTED, text), "seen": text})
    assert answer.status_code in (200, 303, 400)
    assert "<script>alert" not in answer.text
    assert publisher.get(address).status_code == 200


def test_forty_places_are_kept_and_no_more(
    drafted: Callable[..., str], publisher: WebClient, database_url: str
):
    address = drafted(SEAT)
    fields = fields_of(publisher.get(f"{address}/edit").text)
    for n in range(60):
        fields[f"locations-{n}-country"] = ["US"]
        fields[f"locations-{n}-kind"] = ["hosting" if n else "establishment"]
    publisher.post_bare(f"{address}/edit", fields)
    answer = publisher.get(f"{address}/edit")
    assert answer.status_code == 200
    assert len(facts_of(database_url).locations) <= 40
    assert publisher.get(f"{address}/locations/1").status_code == 200
    assert publisher.get(address).status_code == 200


def test_an_entry_of_the_list_that_lapsed_is_marked(
    database_url: str,
    publisher: WebClient,
    at: datetime,
    clock: SettableClock,
    drafted: Callable[..., str],
):
    """The list says what it said; the desk says what it is worth today."""
    listed = f"{SEAT[:-1]}, bases: [{CERTIFIED}]}}"
    address = drafted(listed, more="    in_use_since_on: 2026-01-05\n")
    with session_on(database_url) as session:
        publish_list(session, by="paul", at=at, zone=PARIS)
    assert "no lawful basis any more" not in publisher.get(REGISTRY).text
    page = publisher.get(address).text
    assert '<span class="tag ok">lawful</span>' in page and "Until 1 June 2026." in page
    assert "On the list, and not lawful any more" not in page
    clock.at = datetime(2026, 6, 2, 8, tzinfo=PARIS)
    publisher.sign_in("Ana publisher")
    page = publisher.get(REGISTRY).text
    row = page.split("Lantern Inc.</a>")[1].split("</tr>")[0]
    assert "no lawful basis any more" in row and f'{address}/locations/1#EU_GDPR"' in row
    page = publisher.get(address).text
    assert "On the list, and not lawful any more" in page
    assert "lapsed since 2 June 2026" in page
    # The page of the place says why the one that is recorded does not count.
    page = publisher.get(f"{address}/locations/1").text
    assert "does not count" in page and "good until 1 June 2026 only" in page


CERTIFIED = (
    "{law: EU_GDPR, code: EU-US-DPF, list_entry: {entity: Lantern Inc., lists: [EU-U.S.],"
    " status: active, covered_data: [non_hr], checked_on: 2026-01-05,"
    " next_certification_on: 2026-06-01}}"
)


def test_the_drafts_of_the_first_list_name_their_gaps(
    database_url: str, publisher: WebClient, at: datetime
):
    with session_on(database_url) as session:
        import_registry(session, sample(PUBLISHED_LIST), by="paul", at=at, zone=PARIS)
    page = publisher.get(REGISTRY).text
    row = page.split(">ZENDESK</a>")[1].split("</tr>")[0]
    assert '<span class="tag warn">3 facts</span>' in row
    assert "/locations/1#" in row
