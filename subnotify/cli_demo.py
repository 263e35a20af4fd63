"""`subnotify demo`: a vendor with clients and changes, to look at and to try."""

from pathlib import Path

import click


@click.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    envvar="PORT",
    type=click.IntRange(1, 65535),
    help="The port of the pages.",
)
@click.option(
    "--folder",
    default="demo-data",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where its data lies. The next start finds it again.",
)
def demo(port: int, folder: Path) -> None:
    """Run a demonstration until Ctrl-C: pages, jobs and a mailbox, on this machine alone."""
    try:
        from subnotify.demo.run import run_demo
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is missing: pip install 'subnotify[demo]'"
        ) from error
    from subnotify.demo.failures import DemoFailed
    from subnotify.demo.folder import DemoFolder, FolderInUse

    try:
        run_demo(DemoFolder(folder.resolve()), port=port, say=click.echo)
    except (DemoFailed, FolderInUse) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("\nthe demonstration has ended; its data is kept")
