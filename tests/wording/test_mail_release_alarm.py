"""The mail about a release that was refused at its hour, beside its golden copies."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from subnotify.operations.release_checks import UnservableChanged
from subnotify.wording.language import wording_for
from subnotify.wording.mail_release_alarm import RefusedHour, release_alarm_mail

GOLDEN = Path(__file__).parent / "golden"
REFUSED = RefusedHour(
    release_id=7,
    names=("Orage <Hébergement> SAS", "Brise Support GmbH"),
    planned_for=datetime(2026, 3, 3, 8, 30, tzinfo=UTC),
    planned_by="Paule Vidal",
    message=UnservableChanged.message,
    values=(("added", "Client 001 (DPA-1)"), ("gone", "–")),
)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_golden_copy(language: str) -> None:
    w = wording_for(language, "Europe/Paris")
    made = release_alarm_mail(REFUSED, w, "https://list.vendor.example")
    assert "\n" not in made.subject and "\n\n\n" not in made.text
    plain = f"Subject: {made.subject}\n\n{made.text}"
    for suffix, written in ((".txt", plain), (".html", made.html)):
        golden = GOLDEN / f"release_alarm.{language}{suffix}"
        if os.environ.get("SUBNOTIFY_WRITE_GOLDEN"):
            golden.write_text(written, encoding="utf-8")
        assert written == golden.read_text(encoding="utf-8"), f"{golden.name} differs"


def test_dealt_with_since() -> None:
    w = wording_for("en", "Europe/Paris")
    refused = RefusedHour(7, ("Orage",), None, "")
    assert "dealt with since" in release_alarm_mail(refused, w, "https://x.example").text
