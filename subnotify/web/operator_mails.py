"""Mails to operators about their own account. Each raises `OneOffMailFailed`."""

from datetime import datetime

from flask import current_app, url_for

from subnotify.config import Settings
from subnotify.delivery.one_off import OneOffMailer
from subnotify.storage.operators import Operator
from subnotify.web.account import MAILER
from subnotify.wording.labels import label
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.mails import MailText, render_mail


def tell_of_reset(operator: Operator, *, at: datetime) -> None:
    """That an administrator reset the second factor."""
    w = _wording()
    mail = render_mail(
        "second_factor_reset",
        w,
        operator_name=operator.name,
        instant=w.date_time(at),
        address=f"{_settings().public_url.rstrip('/')}/sign-in",
    )
    _send(operator, mail, w, at)


def tell_of_account(operator: Operator, *, by: str, at: datetime) -> None:
    """That somebody gave them an account, and how they get a password."""
    w = _wording()
    mail = render_mail(
        "operator_added",
        w,
        operator_name=operator.name,
        by=by,
        instant=w.date_time(at),
        roles=w.listed([label(w, role) for role in sorted(operator.roles)]),
        address=_settings().public_url.rstrip("/") + url_for("account.ask_for_reset_page"),
    )
    _send(operator, mail, w, at)


def _send(operator: Operator, mail: MailText, w: Wording, at: datetime) -> None:
    mailer: OneOffMailer = current_app.extensions[MAILER]
    mailer.send(operator.email, mail.subject, mail.text, mail.html, at=at, language=w.language)


def _wording() -> Wording:
    return wording_for(_settings().legal_language, _settings().vendor_time_zone)


def _settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings
