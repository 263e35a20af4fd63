"""Error pages in the look and language of the page, and rule errors as sentences."""

import logging
from dataclasses import dataclass

from flask import Flask, g, render_template, request
from flask_babel import lazy_gettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from subnotify.rules.errors import NotFound, ProblemsFound, RuleError
from subnotify.storage.database import begin_read_only, db
from subnotify.web.language import page_wording
from subnotify.web.problem_details import problem_response
from subnotify.wording.problems import error_text, problem_text

Answer = Response | tuple[str, int] | tuple[str, int, list[tuple[str, str]]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ErrorPage:
    """Title and advice, both translated when shown."""

    title: str
    advice: str


PAGES: dict[int, ErrorPage] = {
    400: ErrorPage(
        lazy_gettext("This request was not understood"),
        lazy_gettext("Go back, reload the page and try again."),
    ),
    401: ErrorPage(
        lazy_gettext("Please sign in"),
        lazy_gettext("This page is for signed-in operators."),
    ),
    403: ErrorPage(
        lazy_gettext("Your role does not open this page"),
        lazy_gettext("An administrator can give you the role that it needs."),
    ),
    404: ErrorPage(
        lazy_gettext("Page not found"),
        lazy_gettext(
            "Check the address. If it came by email, copy the whole link: mail programs"
            " sometimes cut it."
        ),
    ),
    405: ErrorPage(
        lazy_gettext("This page cannot be used that way"),
        lazy_gettext("Open it from the link or the menu rather than by its address."),
    ),
    409: ErrorPage(
        lazy_gettext("This was not possible"),
        lazy_gettext("Nothing was changed. Go back and check the present state."),
    ),
    413: ErrorPage(
        lazy_gettext("Too much was sent"),
        lazy_gettext("Shorten the text or choose a smaller file, and send it again."),
    ),
    415: ErrorPage(
        lazy_gettext("This kind of content is not accepted"),
        lazy_gettext("Use the form on the page."),
    ),
    429: ErrorPage(
        lazy_gettext("Too many attempts"),
        lazy_gettext("Wait a little, then try again."),
    ),
    500: ErrorPage(
        lazy_gettext("Something went wrong on our side"),
        lazy_gettext("Nothing was half done. Please try again later."),
    ),
    503: ErrorPage(
        lazy_gettext("Not available at the moment"),
        lazy_gettext("Please try again in a few minutes."),
    ),
}


def rule_sentences(error: RuleError) -> list[str]:
    """What a rule refused, in the page's language: one sentence, or one for each problem."""
    w = page_wording()
    if isinstance(error, ProblemsFound):
        texts = (problem_text(problem, w) for problem in error.problems)
        return [f"{text.message} {text.remedy}".strip() for text in texts]
    return [error_text(error, w)]


def show_error(status: int, sentences: list[str] | None = None) -> tuple[str, int]:
    """The page of a status, with further sentences where there is more to say."""
    page = PAGES.get(status, PAGES[500 if status >= 500 else 400])
    return render_template(
        "errors/error.html", status=status, page=page, sentences=sentences or []
    ), status


def init_errors(app: Flask) -> None:
    """Attach the pages to the app."""

    @app.errorhandler(HTTPException)
    def show_http_error(error: HTTPException) -> Answer:
        if error.response is not None or (error.code or 500) < 400:
            return error.get_response()  # a redirect, or a response made by its view
        if (error.code or 500) >= 500:
            return show_failure(error)
        _leave_transaction()
        headers = [(k, v) for k, v in error.get_headers() if k.lower() in ("allow", "retry-after")]
        if request.path.startswith("/api/"):
            # No route of the API, or not by this method: machines read no pages.
            said = error.description or error.name
            return problem_response(error.code or 500, said, dict(headers))
        body, status = show_error(error.code or 500)
        return body, status, headers

    @app.errorhandler(RuleError)
    def show_rule_error(error: RuleError) -> Answer:
        _leave_transaction()
        if isinstance(error, NotFound):
            return show_error(404)
        return show_error(409, rule_sentences(error))

    @app.errorhandler(500)
    def show_failure(error: Exception) -> Answer:
        original = getattr(error, "original_exception", None)
        logger.error("%s %s failed", request.method, request.endpoint, exc_info=original or error)
        g.without_database = True  # it may be what failed
        code = getattr(error, "code", None) or 500
        return show_error(code)


def _leave_transaction() -> None:
    """Undo what the refused request had begun: its error page only reads."""
    db.session.rollback()
    begin_read_only(db.session())
