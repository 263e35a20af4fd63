"""Countries for the world map, as the list page would give them."""

from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader

from subnotify.rules.countries import COUNTRIES
from subnotify.web.access import open_route
from subnotify.web.language import page_wording
from subnotify.web.world_map import MapClass, MapCountry, world_map

HOME, ADEQUACY = MapClass.HOME, MapClass.ADEQUACY
SAFEGUARD, LAPSED = MapClass.SAFEGUARD, MapClass.LAPSED

USUAL = (
    MapCountry("FR", HOME, ("OVHcloud", "Scaleway")),
    MapCountry("DE", HOME, ("IONOS", "OVHcloud")),
    MapCountry("IE", HOME, ("AWS EMEA",)),
    MapCountry("MT", HOME, ("Melita",)),
    MapCountry("LU", HOME, ("Gcore",)),
    MapCountry("LI", HOME, ("Datacenter Vaduz",)),
    MapCountry("RE", HOME, ("Océan Indien Hébergement",)),
    MapCountry("CH", ADEQUACY, ("Infomaniak",)),
    MapCountry("GB", ADEQUACY, ("Zen",), "adequacy decision (EU) 2021/1772"),
    MapCountry("JP", ADEQUACY, ("Sakura",)),
    MapCountry("CA", ADEQUACY, ("OVH Hébergement",)),
    MapCountry("US", ADEQUACY, ("Sentry",), "EU-US Data Privacy Framework"),
    MapCountry("US", SAFEGUARD, ("Acme",), "standard contractual clauses, module 3"),
    MapCountry("IN", SAFEGUARD, ("Support Ltd",)),
    MapCountry("SG", SAFEGUARD, ("Asia Hosting",)),
    MapCountry("HK", SAFEGUARD, ("Asia Hosting",)),
    MapCountry("MC", SAFEGUARD, ("Monaco Telecom",)),
    MapCountry("BR", LAPSED, ("Nuvem",)),
    MapCountry("GI", LAPSED, ("Rock Hosting",)),
    MapCountry("", ADEQUACY, ("Patent search",), organisation="European Patent Organisation"),
)

_KINDS = (HOME, ADEQUACY, SAFEGUARD, LAPSED)
EVERYWHERE = tuple(
    MapCountry(code, _KINDS[i % 4], ("Nordhafen Rechenzentrum GmbH", "Example Hosting Inc."))
    for i, code in enumerate(sorted(COUNTRIES))
)


def add_map_pages(app: Flask) -> None:
    """The routes /map-usual, /map-everywhere, /map-far (nothing in Europe) and others."""
    folder = __file__.rpartition("/")[0]
    app.jinja_loader = ChoiceLoader(
        [app.jinja_loader, FileSystemLoader(folder)]  # type: ignore[list-item]
    )
    shown = {
        "usual": USUAL,
        "everywhere": EVERYWHERE,
        "far": (MapCountry("US", SAFEGUARD, ("Acme",)), MapCountry("SG", LAPSED, ("Asia",))),
        "nowhere": (),
        "hostile": (MapCountry("US", SAFEGUARD, ('<script>"&',)),),
    }

    @app.route("/map-<name>")
    @open_route
    def map_page(name: str) -> str:
        return render_template("world_page.html", map=world_map(shown[name], page_wording()))
