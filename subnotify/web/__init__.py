"""The web: parses a request, calls one operation or storage query, renders."""

from flask import Flask

from subnotify.config import Settings
from subnotify.web.public import public


def register_pages(app: Flask, settings: Settings) -> None:
    """Register the blueprints of the pages. Each declares who may open it (web/access.py)."""
    app.register_blueprint(public)
