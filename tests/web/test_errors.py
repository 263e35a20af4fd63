"""Error pages: in the look, in the language, and without half a transaction."""

import pytest
from flask import Flask, abort

from subnotify.rules.errors import NotFound, Problem, ProblemsFound, RuleError, WindowClosed
from subnotify.storage.database import db
from subnotify.storage.tables import VendorRow
from subnotify.web.access import open_route
from tests.support.web_client import WebClient

STATUSES = [400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_error_has_its_page(
    app: Flask, client: WebClient, status: int, language: str
) -> None:
    @app.route("/fails")
    @open_route
    def fails() -> None:
        abort(status)

    response = client.get(f"/fails?lang={language}")
    assert response.status_code == status
    assert f'<html lang="{language}">' in response.text and "<h1>" in response.text
    assert 'class="skip-link"' in response.text


def test_a_wrong_method_says_which_are_right(client: WebClient) -> None:
    response = client.get("/sign-out")
    assert response.status_code == 405 and "POST" in response.headers["Allow"]


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (NotFound(), 404, "Page not found"),
        (WindowClosed(), 409, "The objection window has closed."),
        (
            ProblemsFound(
                (Problem("list[0]", "%(f)s is missing.", "Fill it in.", (("f", "Seat"),)),)
            ),
            409,
            "Seat is missing. Fill it in.",
        ),
    ],
)
def test_what_a_rule_refuses_is_said(
    app: Flask, client: WebClient, error: RuleError, status: int, says: str
) -> None:
    @app.route("/refused", methods=["POST"])
    @open_route
    def refused() -> None:
        db.session.add(VendorRow(id=1, profile={"name": "Half"}, list_version=0))
        db.session.flush()
        raise error

    response = client.post("/refused", page="/reset")
    assert response.status_code == status and says in response.text
    assert "Half" not in response.text, "what the request had begun is undone"


def test_a_failure_shows_nothing_of_itself(app: Flask, client: WebClient) -> None:
    @app.route("/breaks")
    @open_route
    def breaks() -> None:
        raise RuntimeError("the inside of the machine")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = client.get("/breaks")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.text
    assert "inside of the machine" not in response.text
