"""Runs `subnotify terms ...` as a person would, without settings and without a database."""

import json
from typing import Any

from click.testing import CliRunner, Result

from subnotify.cli import main

# One notice, and an agreement that says little.
FACTS = ("--dispatched", "2026-03-02", "--received", "2026-03-03", "--commencement", "2026-04-07")
ONE = """\
agreements:
- key: a1
  terms:
    counting: {rule: contract-calendar, time_zone: Europe/Paris}
    objection_period: {number: 15, unit: days}
    runs_from: dispatch
"""


def run(*arguments: str, text: str | None = None) -> Result:
    settings = {"SUBNOTIFY_DATABASE_URL": "", "SUBNOTIFY_SECRET_KEY": ""}
    return CliRunner().invoke(main, ["terms", *arguments], input=text, env=settings)


def objects(done: Result, exit_code: int = 0) -> list[dict[str, Any]]:
    """What the command printed, an object for each line."""
    assert done.exit_code == exit_code, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def dates(text: str, *arguments: str) -> dict[str, Any]:
    """The dates of the only agreement in the text."""
    (found,) = objects(run("dates", "-", *(arguments or FACTS), text=text))
    return found
