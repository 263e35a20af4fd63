"""The web: parses a request, calls one operation or storage query, renders."""

from flask import Flask

from subnotify.config import Settings
from subnotify.web.mailbox import mailbox
from subnotify.web.notice import notice_pages
from subnotify.web.public import public
from subnotify.web.registry import registry
from subnotify.web.release_steps import release_steps
from subnotify.web.releases import releases


def register_pages(app: Flask, settings: Settings) -> None:
    """Register the blueprints of the pages. Each declares who may open it (web/access.py)."""
    app.register_blueprint(public)
    app.register_blueprint(notice_pages)
    app.register_blueprint(registry)
    app.register_blueprint(releases)
    app.register_blueprint(release_steps)
    if settings.demo_mailbox is not None:
        app.register_blueprint(mailbox)
