"""create_app: the one place where the parts of the web are wired. Importing this does nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from flask_mail import Mail
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from subnotify import clock as system_clock
from subnotify.config import Settings
from subnotify.delivery.headers import Mailbox
from subnotify.delivery.one_off import OneOffMailer, flask_mail_config
from subnotify.operations.watch_clock import Clocks
from subnotify.resources import templates_folder
from subnotify.storage import database
from subnotify.web import register_pages
from subnotify.web.access import init_access
from subnotify.web.account import init_account
from subnotify.web.clock_watch import init_clock_watch, system_clocks
from subnotify.web.csrf import init_csrf
from subnotify.web.errors import init_errors
from subnotify.web.formatting import init_formatting
from subnotify.web.frame import init_frame
from subnotify.web.headers import init_headers
from subnotify.web.language import init_languages
from subnotify.web.odd_input import init_addresses, init_odd_input
from subnotify.web.page_cache import init_page_cache
from subnotify.web.password_again import init_password_again

LARGEST_BODY = 2 * 1024 * 1024
LARGEST_FORM_FIELD = 512 * 1024
MOST_FORM_PARTS = 2_000
STATIC_LASTS = timedelta(days=30)


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = system_clock.now,
    mailer: OneOffMailer | None = None,
    clocks: Clocks | None = None,
) -> Flask:
    """The web application for these settings.

    `clock` gives the instant of each request; `mailer` sends codes and links (by default over the
    SMTP host of the settings). `clocks` are compared with each other before whatever may change
    something; a caller with a clock of its own and without these has none to compare. The database
    is neither created nor migrated here.
    """
    app = Flask(__name__, root_path=None, static_folder="web/static", template_folder=None)
    app.template_folder = str(templates_folder())
    _configure(app, settings)
    _set_up_templates(app)
    database.init_app(app, settings.database_url)
    init_languages(app, settings.vendor_time_zone)
    init_formatting(app)
    init_frame(app)
    init_page_cache(app)
    init_errors(app)
    init_addresses(app)
    init_account(app, mailer or _mailer(app, settings))
    register_pages(app, settings)
    is_real = clock is system_clock.now
    init_clock_watch(app, clocks or (system_clocks() if is_real else None))
    # The guard comes first of all that runs before a request and asks who it is; it knows every
    # route above.
    init_access(app, clock)
    init_csrf(app)
    init_password_again(app)
    init_odd_input(app)
    init_headers(app, is_https=settings.is_https)
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    is_https = settings.is_https
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SUBNOTIFY_SETTINGS=settings,
        PUBLIC_URL=settings.public_url.rstrip("/"),
        # A forged Host must not end up in a link.
        TRUSTED_HOSTS=[settings.public_host],
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_FIELD,
        MAX_FORM_PARTS=MOST_FORM_PARTS,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_LASTS,
        SESSION_COOKIE_NAME="__Host-subnotify_form" if is_https else "subnotify_form",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        **flask_mail_config(settings.smtp, Mailbox(settings.mail_from)),
    )


def _set_up_templates(app: Flask) -> None:
    app.jinja_options = {
        "trim_blocks": True,
        "lstrip_blocks": True,
        "undefined": StrictUndefined,
        "extensions": ["jinja2.ext.do", "jinja2.ext.i18n"],
    }
    # A mistyped name fails instead of leaving a hole in a legal text. HTML is escaped, mail's
    # plain text is not: Flask decides by the template's ending.
    app.jinja_env.policies["ext.i18n.trimmed"] = True


def _mailer(app: Flask, settings: Settings) -> OneOffMailer:
    return OneOffMailer(Mail(app), settings.smtp, sender=Mailbox(settings.mail_from))
