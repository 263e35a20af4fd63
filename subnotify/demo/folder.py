"""The demonstration's folder: secrets, database, mails, logs. Everything of a run lies in it."""

import base64
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from subnotify.demo.cast import Cast
from subnotify.rules.words import MailHost


class FolderInUse(Exception):
    """Another demonstration runs on the same folder."""


@dataclass(frozen=True)
class DemoFolder:
    path: Path

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.path / 'subnotify.sqlite'}"

    @property
    def mails(self) -> Path:
        return self.path / "mails"

    @property
    def letters(self) -> Path:
        """Where batches of letters are put, as for a printer."""
        return self.path / "letters"

    def log(self, name: str) -> Path:
        return self.path / f"{name}.log"

    @property
    def is_played(self) -> bool:
        """The history was played to its end: nothing of it is played again."""
        return (self.path / "played.json").is_file()

    def take(self) -> TextIO:
        """Make the folder and take it for this process, as long as the returned file is open.

        Raises FolderInUse.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise FolderInUse(f"a demonstration already runs in {self.path}") from error
        return lock

    def forget_unfinished(self) -> None:
        """Remove what a first start that was broken off has left."""
        for part in ("subnotify.sqlite", "subnotify.sqlite-journal", "subnotify.sqlite-wal"):
            (self.path / part).unlink(missing_ok=True)
        (self.path / "subnotify.sqlite-shm").unlink(missing_ok=True)
        for folder in (self.mails, self.letters):
            shutil.rmtree(folder, ignore_errors=True)
        self.letters.mkdir()

    def mark_played(self, at: datetime) -> None:
        """The history is complete. Whatever ends the process before this, it is played anew."""
        part = self.path / "played.part"
        part.write_text(json.dumps({"played_at": at.isoformat()}) + "\n")
        part.replace(self.path / "played.json")

    def environment(self, cast: Cast, *, port: int, smtp_port: int) -> dict[str, str]:
        """The SUBNOTIFY_* variables of this demonstration, as an installation would set them."""
        # A folder that is named must be there.
        self.letters.mkdir(exist_ok=True)
        kept = self._secrets()
        return {
            "SUBNOTIFY_DATABASE_URL": self.database_url,
            "SUBNOTIFY_SECRET_KEY": kept["secret_key"],
            "SUBNOTIFY_SEAL_KEY": kept["seal_key"],
            "SUBNOTIFY_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SUBNOTIFY_SMTP_HOST": "127.0.0.1",
            "SUBNOTIFY_SMTP_PORT": str(smtp_port),
            "SUBNOTIFY_SMTP_SECURITY": "none",
            "SUBNOTIFY_MAIL_FROM": cast.mail_from,
            "SUBNOTIFY_RETURN_ADDRESS": cast.return_address,
            # The server of the demonstration hands over what comes there.
            "SUBNOTIFY_MAIL_PIPE": "yes",
            "SUBNOTIFY_LEGAL_EMAIL": cast.legal_email,
            "SUBNOTIFY_LEGAL_LANGUAGE": cast.legal_language,
            # The server of the demonstration stands for the clients' own.
            "SUBNOTIFY_MAIL_HOST_IS": MailHost.RECIPIENT_SERVER.value,
            "SUBNOTIFY_TIME_ZONE": cast.time_zone,
            "SUBNOTIFY_LETTERS_FOLDER": str(self.letters),
            "SUBNOTIFY_DEMO_MAILBOX": str(self.mails),
        }

    def _secrets(self) -> Mapping[str, str]:
        """Made at the first start, for the owner's eyes only, and kept."""
        file = self.path / "secrets.json"
        if not file.exists():
            made = {
                "secret_key": secrets.token_urlsafe(48),
                "seal_key": base64.b64encode(secrets.token_bytes(32)).decode(),
            }
            part = self.path / "secrets.part"
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
                json.dump(made, out)
            part.replace(file)
        kept: Mapping[str, str] = json.loads(file.read_text())
        return kept
