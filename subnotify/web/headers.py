"""Response headers: nothing loads or frames but our own stylesheet and pictures, and nothing runs
but a script file of ours on pages that ask for it."""

from datetime import timedelta

from flask import Flask, request
from werkzeug.wrappers import Response

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "script-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
ONE_YEAR = timedelta(days=365)


def init_headers(app: Flask, *, is_https: bool) -> None:
    """Put the headers on every response. HSTS only where the public address is https."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        # A notice link is a key: it must not travel in a Referer.
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if is_https:
            headers.setdefault(
                "Strict-Transport-Security", f"max-age={int(ONE_YEAR.total_seconds())}"
            )
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        return response


def let_run_own_scripts(response: Response) -> Response:
    """Let this one page run our own script files and fetch from us; nothing inline, nobody else's.

    For pages that a script makes better and that work without it.
    """
    policy = CONTENT_SECURITY_POLICY.replace("script-src 'none'", "script-src 'self'")
    response.headers["Content-Security-Policy"] = f"{policy}; connect-src 'self'"
    return response


def let_be_cached(response: Response, lasting: timedelta) -> Response:
    """Let browsers and proxies keep a public page, one copy for each language.

    Only for pages that say the same to everybody; never for one shown to an operator.
    """
    response.headers["Cache-Control"] = f"public, max-age={int(lasting.total_seconds())}"
    response.vary.update(("Accept-Language", "Cookie"))
    return response
