"""The world picture: every country is drawn, in kinds that do not need colour, and in words."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from subnotify.rules.countries import COUNTRIES
from subnotify.rules.transfer_words import ExportLaw
from subnotify.web.world_map import MapClass, MapCountry, WorldMap, class_label, world_map
from subnotify.wording.language import wording_for
from tests.support.web_client import WebClient
from tests.web.world_samples import EVERYWHERE, USUAL, add_map_pages

EN, FR = wording_for("en"), wording_for("fr")
SMALL = ("SG", "MT", "LI", "MC", "HK", "SM", "VA", "AD", "LU", "GI", "RE", "GP", "BH", "MU")


def drawn_codes(world: WorldMap) -> Iterator[str]:
    for group in world.groups:
        yield from {shape.code for shape in (*group.areas, *group.markers)}


def titles(world: WorldMap) -> dict[str, str]:
    return {
        shape.code: shape.title
        for group in world.groups
        for shape in (*group.areas, *group.markers)
        if shape.title
    }


def test_every_country_is_drawn_once_and_named_once():
    world = world_map(EVERYWHERE, EN)
    assert Counter(drawn_codes(world)) == Counter(COUNTRIES)
    assert set(titles(world)) == COUNTRIES
    assert Counter(name for group in world.groups for name in group.names) == Counter(
        EN.country(code) for code in COUNTRIES
    )
    assert world.elsewhere == ()


@pytest.mark.parametrize("code", SMALL)
def test_small_states_and_territories_have_a_marker(code: str):
    (group,) = world_map([MapCountry(code, MapClass.ADEQUACY, ("Acme",))], EN).groups
    assert [marker.code for marker in group.markers] == [code]


@pytest.mark.parametrize("code", ["FR", "DE", "US", "BE", "CH"])
def test_what_can_be_seen_has_none(code: str):
    (group,) = world_map([MapCountry(code, MapClass.HOME, ("Acme",))], EN).groups
    assert group.markers == group.europe_markers == ()
    assert [area.code for area in group.areas] == [code]


def test_what_is_seen_where_europe_is_large_needs_no_marker_there():
    (group,) = world_map([MapCountry("SI", MapClass.HOME, ("Acme",))], EN).groups
    assert group.markers and not group.europe_markers
    (group,) = world_map([MapCountry("LU", MapClass.HOME, ("Acme",))], EN).groups
    assert group.markers and group.europe_markers


def test_the_weakest_basis_is_shown_and_all_are_named():
    world = world_map(
        [
            MapCountry("US", MapClass.SAFEGUARD, ("Beta",), "clauses"),
            MapCountry("US", MapClass.LAPSED, ("Gamma",)),
            MapCountry("US", MapClass.ADEQUACY, ("Acme",), "framework"),
            MapCountry("US", MapClass.SAFEGUARD, ("Delta", "Beta"), "clauses"),
        ],
        EN,
    )
    (group,) = world.groups
    assert group.kind is MapClass.LAPSED
    assert titles(world) == {
        "US": "United States: framework – Acme; clauses – Beta, Delta;"
        " basis lapsed, being replaced – Gamma"
    }


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [
        ((MapClass.HOME, MapClass.ADEQUACY), MapClass.ADEQUACY),
        ((MapClass.ADEQUACY, MapClass.SAFEGUARD), MapClass.SAFEGUARD),
        ((MapClass.SAFEGUARD, MapClass.LAPSED), MapClass.LAPSED),
        ((MapClass.NOTHING, MapClass.HOME), MapClass.HOME),
    ],
)
def test_which_is_weaker(kinds: tuple[MapClass, ...], shown: MapClass):
    for order in (kinds, kinds[::-1]):
        world = world_map([MapCountry("JP", kind, ("Acme",)) for kind in order], EN)
        assert [group.kind for group in world.groups] == [shown]


def test_weaker_kinds_are_drawn_over_stronger_ones():
    kinds = [group.kind for group in world_map(USUAL, EN).groups]
    assert kinds == [MapClass.HOME, MapClass.ADEQUACY, MapClass.SAFEGUARD, MapClass.LAPSED]


def test_what_no_map_can_show_is_told_in_words():
    world = world_map(
        [
            MapCountry("", MapClass.ADEQUACY, ("Acme",), "decision", organisation="Office X"),
            # An organisation is no part of the country it sits in.
            MapCountry("DE", MapClass.SAFEGUARD, ("Beta",), "clauses", organisation="Office X"),
            MapCountry("QQ", MapClass.LAPSED, ("Gamma",)),
        ],
        EN,
    )
    assert world.groups == ()
    assert world.europe is None
    assert world.elsewhere == (
        "Office X: decision – Acme; clauses – Beta",
        "QQ: basis lapsed, being replaced – Gamma",
    )


def test_kosovo_has_no_iso_code_and_a_place():
    world = world_map([MapCountry("XK", MapClass.SAFEGUARD, ("Acme",))], EN)
    assert list(drawn_codes(world)) == ["XK"]


def test_a_country_without_data_is_ground():
    everywhere = world_map([], EN).ground
    without_france = world_map([MapCountry("FR", MapClass.HOME, ())], EN).ground
    assert len(without_france) < len(everywhere)
    assert world_map([MapCountry("FR", MapClass.NOTHING, ())], EN).ground == everywhere


def test_europe_is_shown_large_only_where_it_holds_data():
    assert world_map([MapCountry("SG", MapClass.SAFEGUARD, ("A",))], EN).europe is None
    assert world_map([MapCountry("MT", MapClass.HOME, ("A",))], EN).europe is not None


def test_titles_and_order_in_french():
    world = world_map(
        [
            MapCountry("US", MapClass.SAFEGUARD, ("Acme",), "clauses types"),
            MapCountry("AE", MapClass.SAFEGUARD, ("Acme",), "clauses types"),
            MapCountry("FI", MapClass.SAFEGUARD, ("Acme",), "clauses types"),
        ],
        FR,
    )
    assert world.groups[0].names == ("Émirats arabes unis", "États-Unis", "Finlande")
    assert titles(world)["US"] == "États-Unis\u00a0: clauses types – Acme"


@pytest.mark.parametrize("law", ExportLaw)
def test_home_is_the_territory_of_the_law(law: ExportLaw):
    words = {"EU_GDPR": "EU or EEA", "CH_FADP": "Switzerland", "UK_GDPR": "United Kingdom"}
    assert class_label(MapClass.HOME, EN, law).startswith(words[law.value])
    (group,) = world_map([MapCountry("GB", MapClass.HOME, ("Acme",))], EN, law=law).groups
    assert group.label == class_label(MapClass.HOME, EN, law)


# As it stands on a page.


@pytest.fixture
def figure(app: Flask) -> "Figures":
    add_map_pages(app)
    return Figures(WebClient(app))


class Figures:
    def __init__(self, client: WebClient) -> None:
        self._client = client

    def source(self, name: str, language: str = "en") -> str:
        page = self._client.get(f"/map-{name}?lang={language}").text
        (found,) = re.findall(r"<figure class=\"world-map\">.*?</figure>", page, re.DOTALL)
        return str(found)

    def tree(self, name: str) -> Element:
        return ElementTree.fromstring(self.source(name))


PAGES = ("usual", "everywhere", "far", "nowhere")


def test_with_every_country_marked_it_stays_under_100_kb(figure: Figures):
    for language in ("en", "fr"):
        assert len(figure.source("everywhere", language).encode()) < 100_000
    assert len(figure.source("usual").encode()) < 50_000


@pytest.mark.parametrize("name", PAGES)
def test_it_is_well_formed_and_needs_nothing_from_elsewhere(figure: Figures, name: str):
    tree = figure.tree(name)
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    assert set(ids.values()) == {1}
    for element in tree.iter():
        assert element.tag not in ("script", "style", "image", "a", "foreignObject")
        for attribute, value in element.attrib.items():
            assert attribute != "style" and not attribute.startswith("on")
            if attribute == "href":
                assert value[0] == "#" and value[1:] in ids
            for target in re.findall(r"url\((.*?)\)", value):
                assert target[0] == "#" and target[1:] in ids
            if attribute in ("aria-labelledby", "aria-describedby"):
                assert value in ids
    pictures = [svg for svg in tree.iter("svg") if svg.get("role") == "img"]
    assert len(pictures) == (2 if name in ("usual", "everywhere") else 1)
    assert all(svg.findtext("title") for svg in pictures)


def test_every_country_with_data_has_its_own_title(figure: Figures):
    tree = figure.tree("usual")
    found = {
        (element.get("class") or element.get("href"), element.findtext("title"))
        for element in tree.iter()
        if element.tag in ("path", "use") and element.find("title") is not None
    }
    assert ("map-adequacy", "Japan: adequacy decision – Sakura") in found
    assert (
        "#map-mark-safeguard",
        "Singapore: safeguard, such as standard contractual clauses – Asia Hosting",
    ) in found
    assert (
        "map-safeguard",
        "United States: EU-US Data Privacy Framework – Sentry;"
        " standard contractual clauses, module 3 – Acme",
    ) in found
    assert len({title for _, title in found}) == 18


def test_kinds_are_told_apart_without_colour(figure: Figures):
    tree = figure.tree("everywhere")
    patterns = {
        pattern.get("id"): [ElementTree.tostring(part) for part in pattern]
        for pattern in tree.iter("pattern")
    }
    marks = {
        element.get("id"): element.get("d")
        for element in tree.iter("path")
        if (element.get("id") or "").startswith("map-mark-")
    }
    for kind in ("home", "adequacy", "safeguard", "lapsed"):
        assert f"map-fill-{kind}" in patterns and f"map-fine-{kind}" in patterns
    fills = [str(patterns[f"map-fill-{kind}"]) for kind in ("home", "adequacy", "safeguard")]
    assert len(set(fills)) == 3
    assert len(set(marks.values())) == len(marks) == 4


def test_the_legend_names_every_country_in_words(figure: Figures):
    tree = figure.tree("usual")
    lines = ["".join(item.itertext()).strip() for item in tree.iter("li")]
    assert any("adequacy decision" in line and "Canada, Japan" in line for line in lines)
    assert any("no data go there" in line for line in lines)
    assert "European Patent Organisation: adequacy decision – Patent search" in lines


def test_names_that_look_like_markup_are_text(figure: Figures):
    tree = figure.tree("hostile")
    assert any('<script>"&' in (title.text or "") for title in tree.iter("title"))
