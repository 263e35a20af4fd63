"""`subnotify gate` and `subnotify token ...`: for a deploy pipeline."""

import json
from datetime import datetime

import click

from subnotify import clock
from subnotify.cli_session import open_session, read_settings
from subnotify.operations.ask_gate import GateAnswer, ask_gate
from subnotify.operations.gate_data import gate_data
from subnotify.operations.keep_api_tokens import make_api_token, revoke_api_token
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.gates import Blocker
from subnotify.rules.words import TokenScope
from subnotify.storage.api_tokens import list_api_tokens
from subnotify.storage.database import begin_read_only

BY = "the command line"

_BLOCKED = {
    Blocker.NOT_ANNOUNCED: "the change is a draft: nobody was told of it",
    Blocker.WITHDRAWN: "the change was withdrawn",
    Blocker.NO_DAY: "the change has no commencement day",
    Blocker.DAY_NOT_COME: "its day has not come: {on}",
    Blocker.NOT_LAWFUL: "a location has no lawful transfer basis today",
    Blocker.CLOCK_IN_DOUBT: "the clock is in doubt; see `subnotify jobs status`",
    Blocker.MAIL_UNREAD: "mail that may be an objection lies unread",
    Blocker.CASES_NOT_SETTLED: "cases not settled: {cases}",
}


@click.command("gate")
@click.argument("change", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="For machines; the same as the API says.")
def gate(change: int, as_json: bool) -> None:
    """Whether CHANGE (its number) may be used now.

    Ends with exit code 0 where it may, 1 where something blocks it, 2 where there is no such
    change or the gate could not be asked. Clients for which it must not be used are listed.
    """
    try:
        settings = read_settings()
        with open_session() as session:
            begin_read_only(session)
            # For whom it is withheld is never cut short here.
            answer = ask_gate(session, change, zone=settings.zone, at=clock.now(), limit=10_000_000)
    except NotFound:
        raise click.UsageError(f"there is no change {change}") from None
    if as_json:
        click.echo(json.dumps(gate_data(answer), ensure_ascii=False))
    else:
        _say(answer)
    if not answer.is_ready:
        raise SystemExit(1)


def _say(answer: GateAnswer) -> None:
    what = f"change {answer.change_id} ({answer.kind.value} of {answer.subprocessor})"
    click.echo(f"{what}: {'ready' if answer.is_ready else 'blocked'}")
    for blocker in answer.blockers:
        text = _BLOCKED[blocker]
        click.echo(f"  {text.format(on=answer.commencement_on, cases=answer.gate.blocking)}")
    for one in answer.withheld:
        where = (
            f" ({' '.join(one.client.blocked_countries)})" if one.client.blocked_countries else ""
        )
        click.echo(
            f"  not for {one.client.client}, agreement {one.client.agreement}:"
            f" {one.use.value}{where}"
        )


@click.group("token")
def token() -> None:
    """Tokens with which machines ask the API."""


@token.command("make")
@click.option("--label", required=True, help="The machine that will use it.")
@click.option(
    "--scope",
    required=True,
    type=click.Choice([scope.value for scope in TokenScope]),
    help="What it may ask.",
)
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day on which it opens anything; at most a year ahead.",
)
def make(label: str, scope: str, until: datetime) -> None:
    """Make a token and print it, once: nobody can read it again."""
    settings = read_settings()
    with open_session() as session:
        try:
            made = make_api_token(
                session,
                label=label,
                scope=TokenScope(scope),
                last_day=until.date(),
                zone=settings.zone,
                by=BY,
                actor="command",
                at=clock.now(),
            )
        except RuleError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"token {made.token.id} ends {made.token.expires_at.isoformat()}", err=True)
    click.echo(made.secret)


@token.command("list")
def list_all() -> None:
    """All tokens, the newest first, one a line."""
    now = clock.now()
    with open_session() as session:
        begin_read_only(session)
        for one in list_api_tokens(session):
            state = "valid" if one.is_valid(now) else "revoked" if one.revoked_at else "over"
            until = one.expires_at.isoformat()
            click.echo(f"{one.id}\t{one.scope.value}\t{state}\tuntil {until}\t{one.label}")


@token.command("revoke")
@click.argument("number", type=click.IntRange(min=1))
def revoke(number: int) -> None:
    """Token NUMBER opens nothing from now on."""
    with open_session() as session:
        try:
            revoke_api_token(session, number, by=BY, actor="command", at=clock.now())
        except RuleError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"token {number} is revoked")
