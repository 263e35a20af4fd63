"""The mail to an old address beside its golden copies. Write them anew, and read what changed:

SUBNOTIFY_WRITE_GOLDEN=1 pytest tests/wording/test_mail_address_changed.py
"""

import os
from datetime import date
from pathlib import Path

import pytest

from subnotify.wording.language import wording_for
from subnotify.wording.mail_address_changed import address_changed_mail, copy_contact_mail
from subnotify.wording.mails import COLUMNS, MailText
from tests.support.announced_facts import VENDOR

GOLDEN = Path(__file__).parent / "golden"
MAILS = {"address_changed": False, "address_changed_postal": True, "copy_contact_added": None}
CLIENT = "Société <Générale>\nde Démonstration & Fils"


def mail(name: str, language: str) -> MailText:
    w = wording_for(language, "Europe/Paris")
    is_postal = MAILS[name]
    if is_postal is None:
        return copy_contact_mail(CLIENT, VENDOR, date(2026, 3, 2), w)
    return address_changed_mail(CLIENT, VENDOR, date(2026, 3, 2), w, is_postal=is_postal)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_golden_copy(name: str, language: str) -> None:
    made = mail(name, language)
    plain = f"Subject: {made.subject}\n\n{made.text}"
    for suffix, written in ((".txt", plain), (".html", made.html)):
        golden = GOLDEN / f"{name}.{language}{suffix}"
        if os.environ.get("SUBNOTIFY_WRITE_GOLDEN"):
            golden.write_text(written, encoding="utf-8")
        assert written == golden.read_text(encoding="utf-8"), f"{golden.name} differs"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_its_form(name: str, language: str) -> None:
    made = mail(name, language)
    assert "\n" not in made.subject and "\n\n\n" not in made.text
    assert all(len(line) <= COLUMNS or " " not in line.strip() for line in made.text.splitlines())
    for part in (made.subject, made.text, made.html):
        assert "%(" not in part and "None" not in part and "https://" not in part
    assert VENDOR.contact_email in made.text and VENDOR.contact_email in made.html
    assert "Société &lt;Générale&gt;, de Démonstration &amp; Fils" in made.html
