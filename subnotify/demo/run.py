"""Runs the demonstration: the mail server here, web and worker as child processes."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event

from subnotify import clock
from subnotify.config import Settings, settings_from
from subnotify.delivery.mail_folder import MailFolder
from subnotify.demo.cast import Cast, read_cast
from subnotify.demo.children import (
    Child,
    start_child,
    stop_children,
    wait_until_it_answers,
    watch,
)
from subnotify.demo.folder import DemoFolder
from subnotify.demo.history import play_history
from subnotify.demo.mailbox_server import MailboxServer
from subnotify.demo.ports import free_port_near, require_free
from subnotify.demo.return_pipe import ReturnPipe
from subnotify.demo.stage import Stage
from subnotify.demo.timeline import Timeline
from subnotify.demo.welcome import welcome_lines
from subnotify.holiday_calendars import get_calendar
from subnotify.storage import migrate
from subnotify.storage.database import create_engine_for, session_factory

READY_WITHIN_SECONDS = 60.0

Say = Callable[[str], None]


def run_demo(folder: DemoFolder, *, port: int, say: Say) -> None:
    """Run until Ctrl-C or SIGTERM, which raise KeyboardInterrupt here once all has ended.

    The first run in a folder plays the history; later ones find what it left. Raises DemoFailed
    (a port is taken, a child ended), FolderInUse.
    """
    with folder.take():
        require_free(port)
        cast = read_cast()
        smtp_port = free_port_near(port + 1)
        environment = folder.environment(cast, port=port, smtp_port=smtp_port)
        settings = settings_from(environment)
        with _interrupted_by_sigterm():
            engine = create_engine_for(settings.database_url)
            server = MailboxServer(
                MailFolder(folder.mails),
                port=smtp_port,
                dead_addresses=cast.dead_addresses,
                pipe=ReturnPipe(settings, session_factory(engine)),
            )
            try:
                with server:
                    _prepare(folder, settings, cast, say)
                    _serve(folder, settings, cast, environment, port, say)
            finally:
                engine.dispose()


def _prepare(folder: DemoFolder, settings: Settings, cast: Cast, say: Say) -> None:
    if not folder.is_played:
        folder.forget_unfinished()
    migrate.upgrade(settings.database_url)
    if not folder.is_played:
        say("first start: half a year of a vendor's notices is played, up to half a minute ...")
        at = clock.now()
        _play(settings, cast, at)
        folder.mark_played(at)


def _play(settings: Settings, cast: Cast, at: datetime) -> None:
    engine = create_engine_for(settings.database_url)
    # What is broken off here is played anew, so nothing need survive a loss of power until then.
    event.listen(engine, "connect", _do_not_wait_for_the_disk)
    try:
        today = at.astimezone(settings.zone).date()
        timeline = Timeline(today, settings.zone, get_calendar("FR"))
        stage = Stage(settings, session_factory(engine), timeline)
        play_history(stage, cast, today=today, at=at)
    finally:
        engine.dispose()
    os.sync()


def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _serve(
    folder: DemoFolder,
    settings: Settings,
    cast: Cast,
    environment: Mapping[str, str],
    port: int,
    say: Say,
) -> None:
    children: list[Child] = []
    try:
        address = f"{settings.public_url}/sign-in"
        for name, command in (
            ("web server", ["serve", "--port", str(port)]),
            ("worker", ["jobs", "run"]),
        ):
            log = folder.log(name.replace(" ", "-"))
            children.append(start_child(name, command, environment, log))
            # The worker asks the pages at once: they answer before it begins.
            wait_until_it_answers(address, children, seconds=READY_WITHIN_SECONDS)
        for line in welcome_lines(folder, settings, cast):
            say(line)
        say(f"ready: {settings.public_url}/ (Ctrl-C ends everything)")
        watch(children)
    finally:
        # A second Ctrl-C does not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stop_children(children)


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does."""

    def interrupt(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    # A shell that starts it in the background has SIGINT ignored: it is asked for all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
