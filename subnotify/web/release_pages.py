"""What the pages of releases share."""

from flask import current_app, request

from subnotify.config import Settings


def settings() -> Settings:
    found: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return found


def page_argument(name: str) -> int:
    """A page number from the address; 1 for anything else."""
    value = request.args.get(name, "1")
    return max(1, int(value)) if value.isdecimal() and len(value) < 7 else 1
