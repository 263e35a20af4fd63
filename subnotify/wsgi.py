"""The web application as a WSGI server finds it: `granian --factory subnotify.wsgi:application`."""

import os

from flask import Flask

from subnotify.app import create_app
from subnotify.config import settings_from


def application() -> Flask:
    """The application with the settings of the environment. Raises SettingsError."""
    return create_app(settings_from(os.environ))
