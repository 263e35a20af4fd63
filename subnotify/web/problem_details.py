"""Refusals for machines: problem details in JSON (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from werkzeug.wrappers import Response

MEDIA_TYPE = "application/problem+json"


def problem_response(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """What is wrong and how to mend it, in English. The status alone says of what type it is, so
    the type is `about:blank` and the title that of the status (RFC 9457, 4.2.1)."""
    said = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    response = Response(json.dumps(said) + "\n", status, content_type=MEDIA_TYPE)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response
