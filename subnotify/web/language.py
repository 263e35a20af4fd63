"""The language and time zone of a page.

Language: what the reader chose (`?lang=fr`, then kept in a plain cookie), else what the page is
about (`set_page_language`), else what the browser asks for. The texts are those of wording/: one
catalogue for pages and mail.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from babel.support import NullTranslations
from flask import Flask, current_app, g, request
from flask.globals import request_ctx
from flask_babel import Babel, Domain, get_locale, refresh
from werkzeug.wrappers import Response

from subnotify.wording.catalogue import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    supported_language,
    translations_for,
)
from subnotify.wording.language import Wording, wording_for

COOKIE = "subnotify_language"
COOKIE_LASTS = timedelta(days=365)
ARGUMENT = "lang"


@dataclass(frozen=True)
class LanguageChoice:
    code: str
    name: str
    address: str
    is_current: bool


class _Catalogue(Domain):
    """Flask-Babel's source of texts, reading ours."""

    def get_translations(self) -> NullTranslations:
        return translations_for(current_language())


def set_page_language(language: str) -> None:
    """What this page is written in unless its reader chose otherwise: the agreement's language."""
    g.page_language = supported_language(language)
    refresh()


def set_page_zone(zone: str) -> None:
    """The IANA zone in which this page tells instants: the agreement's on a client's page."""
    g.page_zone = zone


def current_language() -> str:
    """The supported language code of this page; the default outside a request."""
    locale = get_locale()
    return supported_language(locale.language if locale else None)


def page_wording(zone: str | None = None) -> Wording:
    """The wording of this page, for functions below the web and for dates in views."""
    page_zone = g.get("page_zone") or current_app.config["VENDOR_TIME_ZONE"]
    return wording_for(current_language(), zone or page_zone)


def list_language_choices() -> list[LanguageChoice]:
    """The page's languages; each address is this page with `?lang=`."""
    arguments = {key: values for key, values in request.args.lists() if key != ARGUMENT}
    # The answer to a POST without a page of its own leads home: there is nothing to ask again.
    adapter = request_ctx.url_adapter
    path = request.path if adapter is not None and adapter.test(method="GET") else "/"
    current = current_language()
    return [
        LanguageChoice(
            code,
            name,
            f"{request.script_root}{url_quote(path)}?"
            + urlencode({**arguments, ARGUMENT: code}, doseq=True),
            code == current,
        )
        for code, name in LANGUAGES.items()
    ]


def _chosen_language() -> str | None:
    for asked in (request.args.get(ARGUMENT), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    return None


def select_language() -> str:
    """Flask-Babel's locale selector."""
    chosen = _chosen_language() or cast("str | None", g.get("page_language"))
    return chosen or request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT_LANGUAGE


def init_languages(app: Flask, vendor_time_zone: str) -> None:
    """Texts, dates and the language cookie for this app."""
    app.config["VENDOR_TIME_ZONE"] = vendor_time_zone
    babel = Babel(app, locale_selector=select_language, default_timezone=vendor_time_zone)
    babel.domain_instance = _Catalogue()

    @app.after_request
    def keep_choice(response: Response) -> Response:
        asked = request.args.get(ARGUMENT)
        if asked in LANGUAGES and asked != request.cookies.get(COOKIE):
            response.set_cookie(
                COOKIE,
                asked,
                max_age=COOKIE_LASTS,
                secure=app.config["SESSION_COOKIE_SECURE"],
                httponly=True,
                samesite="Lax",
            )
        if response.mimetype == "text/html":
            response.headers.setdefault("Content-Language", current_language())
        return response
