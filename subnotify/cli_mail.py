"""`subnotify mail ...`: whether mail can reach clients, and what comes back."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import BinaryIO

import click

from subnotify import clock
from subnotify.cli_session import open_session, read_settings
from subnotify.cli_yaml import READING_FAILED, print_json
from subnotify.config import Settings
from subnotify.delivery.dns_lookups import DnsLookups, ResolverUnusable
from subnotify.delivery.headers import UnsafeHeader
from subnotify.delivery.smtp import SmtpConnection
from subnotify.operations.check_sending_domain import check_sending_domain, send_test_mail
from subnotify.operations.import_delivery_events import TakenEvent, import_delivery_events
from subnotify.rules.delivery_events import EventAnswer, EventRefusal
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.mail_findings import Finding, has_failed
from subnotify.wording.delivery_events import refusal_sentence
from subnotify.wording.language import wording_for
from subnotify.wording.mail_findings import finding_words

_INDENT = " " * 17


@click.group("mail")
def mail() -> None:
    """Sending: is it set up so that mails arrive? And what comes back."""


@mail.command("check")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for machines.")
@click.option(
    "--send-to",
    metavar="ADDRESS",
    help="Send a test mail to this address of your own, and say what the server answered.",
)
def check(as_json: bool, send_to: str | None) -> None:
    """Look at MX, SPF, DKIM and DMARC of the domain that notices are sent from.

    Each finding comes with what to do about it, and the record to publish. Needs the settings, and
    no database. Ends with exit code 1 where something fails: ok and note need nothing, warn may
    cost mail or let others write in your name, FAIL loses mail or leaves it unknown.
    """
    settings = read_settings()
    found = _shown(_all_findings(settings, send_to), as_json)
    if has_failed(tuple(found)):
        raise SystemExit(1)


@mail.command("import-events")
@click.argument("file", type=click.File("rb"))
def import_events(file: BinaryIO) -> None:
    """Record the delivery events of a relay from a CSV FILE.

    Columns: id, message_id or envelope_id, event (delivered, failed, delayed, relayed, expanded),
    at (like 2026-03-02T09:30:00Z), status, host, words. Each id counts once: a file may be imported
    again. What is refused is said on standard error with its line (exit code 1), the rest is
    recorded; a file that is no such table changes nothing (exit code 2).
    """
    settings, now = read_settings(), clock.now()
    name = PurePath(str(getattr(file, "name", "<stdin>"))).name
    with open_session() as session:
        try:
            taken = import_delivery_events(
                session,
                name,
                file.read(),
                actor="command",
                legal_email=settings.legal_email,
                at=now,
            )
        except ProblemsFound as error:
            for problem in error.problems:
                click.echo(_plain(str(problem)), err=True)
            raise SystemExit(READING_FAILED) from error
        except OSError as error:
            raise click.ClickException(f"{name}: {error.strerror}") from error
    refused = [one for one in taken if one.answered.answer is EventAnswer.REFUSED]
    for one in refused:
        click.echo(_plain(_refused_line(one)), err=True)
    counts = Counter(one.answered.answer for one in taken)
    said = ", ".join(f"{answer.value} {counts[answer]}" for answer in EventAnswer)
    click.echo(f"{name}: {said}")
    if refused:
        raise SystemExit(1)


def _refused_line(taken: TakenEvent) -> str:
    if taken.problems:
        return "; ".join(map(str, taken.problems))
    refusal = taken.answered.refusal or EventRefusal.MALFORMED
    why = refusal_sentence(refusal, wording_for("en"))
    return f"{taken.where}: {why} ({taken.answered.external_id})"


def _all_findings(settings: Settings, send_to: str | None) -> Iterator[Finding]:
    try:
        lookups = DnsLookups(settings.dns_resolver)
    except ResolverUnusable as error:
        raise click.ClickException(f"SUBNOTIFY_DNS_RESOLVER: {error}") from error
    yield from check_sending_domain(settings, lookups.ask)
    if send_to is None:
        return
    try:
        with SmtpConnection(settings.smtp) as courier:
            yield send_test_mail(settings, courier, send_to, wording_for("en"), at=clock.now())
    except UnsafeHeader as error:
        raise click.BadParameter(str(error), param_hint="--send-to") from error


def _shown(findings: Iterable[Finding], as_json: bool) -> list[Finding]:
    """Print each finding as it comes: a lookup or a mail may take a while."""
    shown = []
    for found in findings:
        shown.append(found)
        if as_json:
            _print_json(found)
        else:
            _print_lines(found)
    return shown


def _print_json(found: Finding) -> None:
    words = finding_words(found, wording_for("en"))
    print_json(
        {
            "check": found.check.value,
            "code": found.code.value,
            "severity": found.severity.value,
            "fact": words.fact,
            "remedy": words.remedy or None,
            "record": found.record or None,
            "facts": dict(found.params),
        }
    )


def _print_lines(found: Finding) -> None:
    words = finding_words(found, wording_for("en"))
    severity = found.severity.value
    if has_failed((found,)):
        severity = severity.upper()
    about = found.check.value.replace("_", " ").upper()
    click.echo(_wrapped(f"{severity:<5} {about:<10} {words.fact}"))
    if words.remedy:
        click.echo(_wrapped(f"{_INDENT}{words.remedy}"))
    if found.record:
        # Whole, to be copied.
        click.echo(_plain(f"{_INDENT}{found.record}"))


def _wrapped(line: str) -> str:
    return textwrap.fill(
        _plain(line),
        width=100,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _plain(line: str) -> str:
    """Without control characters: whoever publishes a record must not steer a terminal."""
    return "".join(x if x.isprintable() else "\ufffd" for x in line)
