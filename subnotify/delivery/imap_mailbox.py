"""The mailbox that takes bounces and replies, read over IMAP (RFC 3501) and never changed.

Folders are opened with EXAMINE and mails fetched with BODY.PEEK: nothing is marked, moved or
deleted, so a person may use the same mailbox.
"""

import contextlib
import imaplib
import re
import shlex
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any

from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox

from subnotify.delivery.mail_settings import ImapSettings
from subnotify.delivery.reports import read_instant
from subnotify.delivery.smtp_settings import Security
from subnotify.rules.troubles import Trouble, TroubleCode

TOKEN_SECONDS = 30
_LONGEST_FAILURE = 500
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
# Octets without a line end need not come as a literal.
_SHORT = re.compile(rb'\bBODY\[[A-Z]*\] (?:NIL|"((?:[^"\\]|\\.)*)")', re.IGNORECASE)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')


class MailboxFailure(Exception):
    """The mailbox cannot be read now; the trouble says why, and holds no secret."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(str(trouble))


class MailboxRefusal(MailboxFailure):
    """The server said no to one thing; it may still do others."""


@dataclass(frozen=True, slots=True)
class ListedMail:
    """A mail of the open folder. size: in octets, of the whole mail."""

    uid: int
    size: int


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """raw: the whole mail, or only its header part. internal_at: when the server took it (aware),
    None where it does not say."""

    uid: int
    raw: bytes = field(repr=False)
    internal_at: datetime | None


class ImapMailbox:
    """One signed-in connection, from `with` to its end. Every method raises MailboxFailure, or
    MailboxRefusal after which the connection can still be used.

    `tls_context` is for servers with a private certificate authority; it must verify.
    """

    def __init__(
        self, settings: ImapSettings, *, tls_context: ssl.SSLContext | None = None
    ) -> None:
        self._settings = settings
        self._tls_context = tls_context
        self._mailbox: BaseMailBox | None = None

    def __enter__(self) -> "ImapMailbox":
        host = f"{self._settings.host}:{self._settings.port}"
        with _failures(TroubleCode.MAILBOX_CONNECTION, host=host):
            self._mailbox = self._connect()
        try:
            with _failures(TroubleCode.MAILBOX_SIGN_IN):
                self._sign_in(self._mailbox)
        except MailboxFailure:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            # What the server answers to LOGOUT changes nothing.
            with contextlib.suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
                mailbox.logout()

    def open_folder(self, name: str) -> int:
        """Open a folder for reading only; its UIDVALIDITY: while it stays, so do the numbers."""
        with _failures(TroubleCode.MAILBOX_FOLDER, folder=name):
            self._open.folder.set(name, readonly=True)
            _, found = self._open.client.response("UIDVALIDITY")
            if not found or found[0] is None:
                raise MailboxRefusal(Trouble(TroubleCode.MAILBOX_NO_UIDVALIDITY, {"folder": name}))
            return int(found[0])

    def list_uids(self, after: int) -> list[int]:
        """The numbers above `after` in the open folder, in ascending order."""
        with _failures(TroubleCode.MAILBOX_SEARCH):
            # "n:*" always names the last mail, also where its number is below n.
            found = self._open.uids(f"UID {after + 1}:*", charset=None)
            return sorted(uid for uid in map(int, found) if uid > after)

    def list_sizes(self, uids: Sequence[int]) -> list[ListedMail]:
        """Those of the mails that are still there, with their sizes."""
        listed = []
        for meta, _ in self._fetch(uids, "(UID RFC822.SIZE)"):
            uid, size = _UID.search(meta), _SIZE.search(meta)
            if uid and size:
                listed.append(ListedMail(int(uid[1]), int(size[1])))
        return sorted(listed, key=lambda mail: mail.uid)

    def fetch(self, uids: Sequence[int], *, whole: bool = True) -> list[FetchedMail]:
        """Those of the mails that are still there, or only their header parts."""
        part = "BODY.PEEK[]" if whole else "BODY.PEEK[HEADER]"
        fetched = []
        for meta, raw in self._fetch(uids, f"(UID INTERNALDATE {part})"):
            uid, date = _UID.search(meta), _DATE.search(meta)
            if raw is None and (short := _SHORT.search(meta)):
                raw = re.sub(rb"\\(.)", rb"\1", short[1] or b"")
            if uid and raw is not None:
                internal_at = read_instant(date[1].decode("ascii", "replace")) if date else None
                fetched.append(FetchedMail(int(uid[1]), raw, internal_at))
        return sorted(fetched, key=lambda mail: mail.uid)

    @property
    def _open(self) -> BaseMailBox:
        if self._mailbox is None:
            raise RuntimeError("the mailbox is read within `with` only")
        return self._mailbox

    def _connect(self) -> BaseMailBox:
        settings = self._settings
        timeout = settings.timeout_seconds
        if settings.security is Security.NONE:
            return MailBoxUnencrypted(settings.host, settings.port, timeout)
        context = self._tls_context or ssl.create_default_context()
        if settings.security is Security.STARTTLS:
            # Raises where the server does not offer it: nothing is said in the clear.
            return MailBoxStartTls(settings.host, settings.port, timeout, ssl_context=context)
        return MailBox(settings.host, settings.port, timeout, ssl_context=context)

    def _sign_in(self, mailbox: BaseMailBox) -> None:
        username, password = self._settings.username, self._settings.password
        if password is None:
            mailbox.xoauth2(username, _access_token(self._settings.token_command or ""), None)
        elif (username + password).isascii():
            mailbox.login(username, password, None)
        else:
            mailbox.login_utf8(username, password, None)

    def _fetch(self, uids: Sequence[int], items: str) -> Iterator[tuple[bytes, bytes | None]]:
        """For each mail that answers: what the server says of it, and the octets it gives."""
        if not uids:
            return
        with _failures(TroubleCode.MAILBOX_FETCH):
            status, answer = self._open.client.uid("FETCH", ",".join(map(str, uids)), items)
        if status != "OK":
            raise MailboxRefusal(Trouble(TroubleCode.MAILBOX_FETCH, words=_text(answer)))
        yield from _responses(answer)


def _responses(answer: Sequence[Any]) -> Iterator[tuple[bytes, bytes | None]]:
    """imaplib gives a pair for what comes with octets, and the rest of the line after it."""
    waiting: tuple[bytes, bytes] | None = None
    for part in answer:
        if isinstance(part, tuple):
            if waiting is not None:
                yield waiting
            waiting = (part[0], part[1])
        elif isinstance(part, bytes):
            if waiting is not None:
                yield waiting[0] + b" " + part, waiting[1]
                waiting = None
            else:
                yield part, None
    if waiting is not None:
        yield waiting


def _access_token(command: str) -> str:
    """What the command prints, run without a shell."""
    try:
        done = subprocess.run(
            shlex.split(command), capture_output=True, timeout=TOKEN_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MailboxFailure(
            Trouble(TroubleCode.TOKEN_TOO_SLOW, {"seconds": TOKEN_SECONDS})
        ) from error
    except (OSError, ValueError) as error:
        raise MailboxFailure(Trouble(TroubleCode.TOKEN_NOT_RUN, words=_said(error))) from error
    token = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode != 0 or not token:
        # Never its output: that may be a token.
        said = done.stderr.decode("utf-8", "replace").strip()[:200]
        if done.returncode == 0:
            raise MailboxFailure(Trouble(TroubleCode.TOKEN_EMPTY, words=said))
        figures = {"status": done.returncode}
        raise MailboxFailure(Trouble(TroubleCode.TOKEN_ENDED_BADLY, figures, said))
    return token


@contextlib.contextmanager
def _failures(code: TroubleCode, **figures: str) -> Iterator[None]:
    """Whatever the library, the server or the network does is one kind of failure."""
    try:
        yield
    except MailboxFailure:
        raise
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        raise MailboxFailure(Trouble(code, figures, _said(error))) from error
    except (imaplib.IMAP4.error, ImapToolsError, ValueError) as error:
        raise MailboxRefusal(Trouble(code, figures, _said(error))) from error


def _said(error: Exception) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    return said[:_LONGEST_FAILURE]


def _text(answer: Sequence[Any]) -> str:
    said = b" ".join(part for part in answer if isinstance(part, bytes))
    return said.decode("utf-8", "replace")[:_LONGEST_FAILURE]
