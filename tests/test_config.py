"""A start with a missing, weak or contradictory setting is refused by its name."""

import re
from pathlib import Path

import pytest

from subnotify import config
from subnotify.config import PREFIX, SettingsError, settings_from
from subnotify.delivery.smtp_settings import Security
from subnotify.rules.words import MailHost

GOOD = {
    "SUBNOTIFY_DATABASE_URL": "sqlite:////tmp/subnotify-settings-test.sqlite",
    "SUBNOTIFY_SECRET_KEY": "Jq3-wYx0Zl8sVt5Rk2Pn7Hg4Fd9Sb1Mc6Qe",
    "SUBNOTIFY_SEAL_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "SUBNOTIFY_PUBLIC_URL": "https://subprocessors.example.com/",
    "SUBNOTIFY_SMTP_HOST": "mail.example.com",
    "SUBNOTIFY_MAIL_FROM": "privacy@example.com",
    "SUBNOTIFY_LEGAL_EMAIL": "legal@example.com",
}


def test_good_settings() -> None:
    settings = settings_from(GOOD)
    assert settings.public_url == "https://subprocessors.example.com"
    assert settings.public_host == "subprocessors.example.com"
    assert settings.is_https
    assert settings.mail_host is MailHost.RELAY, "a relay's 250 proves dispatch, no more"
    assert settings.smtp.security is Security.STARTTLS
    assert not settings.one_person_release


@pytest.mark.parametrize("name", GOOD)
def test_missing(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is missing"):
        settings_from({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "sqlite://"),
        ("SECRET_KEY", "too-short"),
        ("SECRET_KEY", "a" * 64),
        ("SEAL_KEY", "not base64!"),
        ("SEAL_KEY", "c2hvcnQ="),
        ("SEAL_KEY", "A" * 43 + "="),
        ("PUBLIC_URL", "http://subprocessors.example.com"),
        ("PUBLIC_URL", "https://example.com/path"),
        ("PUBLIC_URL", "subprocessors.example.com"),
        ("MAIL_FROM", "Privacy <privacy@example.com>"),
        ("MAIL_FROM", "büro@example.com"),
        ("RETURN_ADDRESS", "büro@example.com"),
        ("RETURN_ADDRESS", "bounces@bücher.example"),
        ("LEGAL_EMAIL", "nobody"),
        ("LEGAL_LANGUAGE", "de"),
        ("LEGAL_LANGUAGE", "français"),
        ("MAIL_HOST_IS", "friend"),
        ("TIME_ZONE", "Paris"),
        ("ONE_PERSON_RELEASE", "perhaps"),
        ("TRUSTED_PROXIES", "-1"),
        ("SMTP_PORT", "70000"),
        ("SMTP_SECURITY", "none"),
        ("SMTP_SECURITY", "ssl"),
        ("SMTP_USERNAME", "half a sign-in"),
        ("SMTP_TIMEOUT_SECONDS", "0"),
    ],
)
def test_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=PREFIX + name):
        settings_from({**GOOD, PREFIX + name: value})


def test_the_language_of_mails_to_legal_is_one_of_ours() -> None:
    assert settings_from(GOOD).legal_language == "en"
    assert settings_from({**GOOD, "SUBNOTIFY_LEGAL_LANGUAGE": "fr"}).legal_language == "fr"
    with pytest.raises(SettingsError, match=r"^SUBNOTIFY_LEGAL_LANGUAGE must be one of: en, fr$"):
        settings_from({**GOOD, "SUBNOTIFY_LEGAL_LANGUAGE": "FR-fr"})


@pytest.mark.parametrize("name", ["MAIL_FROM", "RETURN_ADDRESS", "LEGAL_EMAIL"])
def test_a_domain_beyond_ascii_is_refused_with_the_form_to_use(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{PREFIX}{name} .*: write it .*, xn--bcher-kva.exam"):
        settings_from({**GOOD, PREFIX + name: "privacy@bücher.example"})
    settings_from({**GOOD, PREFIX + name: "privacy@xn--bcher-kva.example"})


@pytest.mark.parametrize("domain", ["straße.example", "é" * 70 + ".example", "bü..example"])
def test_no_form_is_proposed_that_may_be_another_domain(domain: str) -> None:
    with pytest.raises(SettingsError, match=f"{PREFIX}MAIL_FROM .* write it in its xn-- form$"):
        settings_from({**GOOD, "SUBNOTIFY_MAIL_FROM": f"privacy@{domain}"})


def test_secrets_are_not_printed() -> None:
    shown = repr(
        settings_from({**GOOD, "SUBNOTIFY_SMTP_USERNAME": "u", "SUBNOTIFY_SMTP_PASSWORD": "p4ss"})
    )
    assert GOOD["SUBNOTIFY_SECRET_KEY"] not in shown
    assert "p4ss" not in shown
    assert "\\x00\\x01\\x02" not in shown


def test_the_readme_lists_every_setting_and_no_other() -> None:
    folder = Path(config.__file__).parent
    source = "".join(file.read_text() for file in folder.glob("config*.py"))
    read = set(re.findall(r"""read\.\w+\(\s*"([A-Z_]+)\"""", source))
    read |= set(re.findall(r"""self\.\w+\(\s*"([A-Z_]+)\"""", source))
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    rows = [line.split("|")[1] for line in readme.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert listed == read
