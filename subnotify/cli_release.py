"""`subnotify release ...`: what a publisher tries before anybody is told."""

import json

import click

from subnotify import clock
from subnotify.cli_session import open_session, read_settings
from subnotify.delivery.headers import Mailbox
from subnotify.operations.dry_run_release import DryRun, dry_run_release
from subnotify.rules.errors import NotFound
from subnotify.rules.words import ReleaseState
from subnotify.storage.database import begin_read_only
from subnotify.storage.releases import get_release


@click.group()
def release() -> None:
    """Releases that are still to come."""


@release.command("dry-run")
@click.argument("number", metavar="RELEASE", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def dry_run(number: int, as_json: bool) -> None:
    """Render every mail of draft RELEASE (the number in its page's address), and send none.

    Ends with exit code 0 where all of it can be written, 1 where something cannot, 2 where there
    is no such draft.
    """
    settings = read_settings()
    with open_session() as session:
        begin_read_only(session)
        try:
            if get_release(session, number).state not in (
                ReleaseState.DRAFT,
                ReleaseState.APPROVED,
            ):
                raise click.UsageError(f"release {number} is no draft any more")
            run = dry_run_release(
                session,
                number,
                public_url=settings.public_url,
                sender=Mailbox(settings.mail_from),
                zone=settings.zone,
                at=clock.now(),
                tell=lambda so_far: click.echo(
                    f"{so_far.agreements} agreements, {so_far.mail_count} mails", err=True
                ),
            )
        except NotFound:
            raise click.UsageError(f"there is no release {number}") from None
    if as_json:
        click.echo(json.dumps(_as_data(run), ensure_ascii=False))
    else:
        _say(run)
    if run.has_problems:
        raise SystemExit(1)


def _as_data(run: DryRun) -> dict[str, object]:
    return {
        "agreements": run.agreements,
        "mails": dict(sorted(run.mails.items())),
        "letters": {"plain": run.letters.plain, "registered": run.letters.registered},
        "largest_mail_octets": run.largest_octets,
        "facts_missing": run.gaps,
        "not_written": run.not_written_count,
        "not_servable": len(run.unservable),
        "unprintable_letters": len(run.unprintable.letters),
        "unprintable_in_texts": run.unprintable.texts,
        "problems": run.has_problems,
    }


def _say(run: DryRun) -> None:
    by_language = ", ".join(f"{count} {language}" for language, count in sorted(run.mails.items()))
    click.echo(f"{run.agreements} agreements, {run.mail_count} mails ({by_language or 'none'})")
    click.echo(f"{run.letters.total} letters ({run.letters.registered} registered)")
    click.echo(f"the largest mail has {run.largest_octets} octets")
    if run.gaps:
        click.echo(f"{run.gaps} facts are missing before this can be released")
    for one in run.not_written:
        click.echo(f"not written: {one.mail.client_name}, {one.mail.contact_name}: {one.said}")
    if run.not_written_count > len(run.not_written):
        click.echo(f"and {run.not_written_count - len(run.not_written)} more")
    for agreement in run.unservable:
        problems = ", ".join(agreement.problems)
        click.echo(f"not servable: {agreement.client_name}, {agreement.reference}: {problems}")
    if run.unprintable.texts:
        click.echo(f"letters cannot be printed with: {run.unprintable.texts}")
    for addressee, characters in run.unprintable.letters:
        click.echo(f"not printable: {addressee.client_name}: {characters}")
