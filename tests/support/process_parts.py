"""What the processes of `processes.py` do; imported once, where they are forked."""

import logging
from collections.abc import Mapping
from datetime import datetime
from multiprocessing.connection import Connection

from werkzeug.serving import make_server

from subnotify.app import create_app
from subnotify.config import settings_from
from subnotify.jobs.catalogue import JobContext
from subnotify.jobs.embedded_runner import run_once
from subnotify.storage.database import create_engine_for, session_factory

READY = "ready"


def work(told: Connection, environment: Mapping[str, str], at: datetime) -> None:
    """The worker: an instant comes in, each job runs once then, the names of failed ones go out."""
    settings = settings_from(environment)
    now = [at]
    sessions = session_factory(create_engine_for(settings.database_url))
    context = JobContext(settings, sessions, clock=lambda: now[0])
    told.send(READY)
    while True:
        now[0] = told.recv()
        told.send(run_once(context))


def serve(told: Connection, environment: Mapping[str, str], at: datetime) -> None:
    """The web server at the settings' public address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    settings = settings_from(environment)
    port = int(settings.public_host.rpartition(":")[2])
    app = create_app(settings, clock=lambda: at)
    server = make_server("127.0.0.1", port, app, threaded=True)
    told.send(READY)
    server.serve_forever()
