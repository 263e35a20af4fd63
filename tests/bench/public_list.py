"""`list`: the public page of 100 entries under two export laws, asked for again and again.

The limit is the answer that the page is unchanged: what asking the database for its version costs.
"""

from datetime import UTC, datetime
from typing import Any

import yaml

from tests.bench.measures import Measure, interleaved, peak_rss_mib
from tests.support.statement import STATEMENT, publish_statement
from tests.support.web_client import SettableClock, WebClient, make_app

ENTRIES = 100
ROUNDS = 200
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def measure(kind: str, url: str) -> Measure:
    publish_statement(url, AT, _many_entries())
    client = WebClient(make_app(url, SettableClock(AT)))
    validator = client.get("/?lang=en").headers["ETag"]

    def page() -> None:
        answer = client.get("/?lang=en")
        assert (answer.status_code, len(answer.data) > 100_000) == (200, True)

    def unchanged() -> None:
        answer = client.get("/?lang=en", headers={"If-None-Match": validator})
        assert answer.status_code == 304

    part, limit = interleaved([(page, unchanged)] * ROUNDS)
    return Measure(
        measure="list",
        database=kind,
        n=ENTRIES,
        value=round(part * 1000, 2),
        unit="ms",
        limit=round(limit * 1000, 2),
        ratio=round(part / limit, 2),
        rss_mib=peak_rss_mib(),
    )


def _many_entries() -> bytes:
    """The entries of the statement over and over, under keys of their own."""
    content: dict[str, Any] = yaml.safe_load(STATEMENT)
    entries = content["subprocessors"]
    content["subprocessors"] = [
        {**entries[number % len(entries)], "key": f"entry-{number}", "engaged_by": ""}
        for number in range(ENTRIES)
    ]
    return yaml.safe_dump(content, allow_unicode=True).encode()
