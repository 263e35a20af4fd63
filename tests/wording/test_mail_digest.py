"""The morning's summary for legal, beside its golden copies."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from subnotify.rules.words import HoldReason, MessagePurpose, PauseCause
from subnotify.wording import mail_digest as words
from subnotify.wording.labels import label
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.mail_digest import DigestEntry, DigestPart, digest_mail
from subnotify.wording.mails import COLUMNS, MailText

GOLDEN = Path(__file__).parent / "golden"
ON = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 5, 12, tzinfo=UTC)
CLOSES_AT = datetime(2026, 3, 4, 23, tzinfo=UTC)
DESK = "https://list.vendor.example/desk"


def whole(w: Wording) -> MailText:
    case = words.case_words("Acme <SARL>", "OVHcloud", CLOSES_AT, "Europe/Paris", w)
    return digest_mail(
        [
            DigestPart(
                w.gettext("What stands still"),
                [
                    DigestEntry(words.pause_words(AT, PauseCause.CREDENTIALS, "", w)),
                    DigestEntry(words.pause_words(AT, PauseCause.OPERATOR, "Amir Benali", w)),
                    DigestEntry(words.refusal_words(AT, "5.7.1 not <yours>\r\nBcc: x", w)),
                    DigestEntry(words.failing_words("imap:INBOX", AT, "LOGIN failed", w)),
                    DigestEntry(words.downtime_words(AT, None, w)),
                    DigestEntry(words.downtime_words(AT, CLOSES_AT, w)),
                    DigestEntry(words.frozen_words(w)),
                ],
                f"{DESK}/sending",
            ),
            DigestPart(
                w.gettext("Open objections"),
                [DigestEntry(case, f"{DESK}/cases/7")],
                f"{DESK}/board",
                3,
            ),
            DigestPart(
                w.gettext("Mails that nobody has read"),
                [
                    DigestEntry(
                        words.mail_words(
                            "dpo@acme.example", "Acme", "Re: no\r\nBcc: x " + "y" * 200, AT, w
                        ),
                        f"{DESK}/mail/1",
                    ),
                    DigestEntry(words.mail_words("", "", "", AT, w), f"{DESK}/mail/2"),
                ],
                f"{DESK}/mail",
            ),
            DigestPart(
                w.gettext("Cases on hold, by reason"),
                [
                    DigestEntry(
                        words.unserved_words("Acme", "2026-003-00042", HoldReason.BOUNCED, w)
                    ),
                    DigestEntry(words.case_words("Acme", "OVHcloud", None, None, w)),
                    DigestEntry(words.counted(label(w, HoldReason.REPLY_WAITS), 1_204, w)),
                    DigestEntry(words.reading_words(1, CLOSES_AT, w, is_post=False)),
                    DigestEntry(words.reading_words(12, CLOSES_AT, w, is_post=True)),
                    DigestEntry(words.parked_words(MessagePurpose.NOTICE, "", "", w)),
                    DigestEntry(
                        words.parked_words(MessagePurpose.CLOSING, "a@b.example", "KeyError", w)
                    ),
                    DigestEntry(
                        words.lost_words(
                            "Acme",
                            MessagePurpose.RECEIPT,
                            "a@b.example",
                            "given up after 5 days: 451 4.7.1 Try again",
                            w,
                        )
                    ),
                    DigestEntry(words.lapses_words(ON, w)),
                ],
            ),
        ],
        w,
        on=ON,
        ending=4,
        windows_ending=120,
    )


MAILS = {
    "legal_digest": whole,
    "legal_digest_nothing": lambda w: digest_mail([], w, on=ON, ending=0, windows_ending=0),
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_golden_copy(name: str, language: str) -> None:
    made = MAILS[name](wording_for(language, "Europe/Paris"))
    plain = f"Subject: {made.subject}\n\n{made.text}"
    for suffix, written in ((".txt", plain), (".html", made.html)):
        golden = GOLDEN / f"{name}.{language}{suffix}"
        if os.environ.get("SUBNOTIFY_WRITE_GOLDEN"):
            golden.write_text(written, encoding="utf-8")
        assert written == golden.read_text(encoding="utf-8"), f"{golden.name} differs"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_its_form(name: str, language: str) -> None:
    made = MAILS[name](wording_for(language, "Europe/Paris"))
    assert "\n" not in made.subject and "\n\n\n" not in made.text
    assert all(len(line) <= COLUMNS or " " not in line.strip() for line in made.text.splitlines())
    for part in (made.subject, made.text, made.html):
        assert "%(" not in part and "None" not in part
    for link in {word for word in made.text.split() if word.startswith("https://")}:
        assert link in made.html


def test_what_others_wrote_stays_in_its_line_and_is_escaped() -> None:
    made = whole(wording_for("en", "Europe/Paris"))
    assert "Acme &lt;SARL&gt;" in made.html
    assert "Re: no Bcc: x yyy" in " ".join(made.text.split())
    assert "y" * 101 not in made.text
