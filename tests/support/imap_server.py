"""A small IMAP server on loopback that holds folders of mails and fails as the test tells it.

It speaks just the commands that reading needs, and refuses every other one: a reader that would
mark, move or delete anything fails here.
"""

import base64
import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

_SET = re.compile(r"(\d+)(?::(\d+|\*))?")


@dataclass
class StoredMail:
    uid: int
    raw: bytes
    internal_at: datetime


@dataclass
class Folder:
    uid_validity: int = 1
    uid_next: int = 1
    mails: list[StoredMail] = field(default_factory=list)


class ScriptedImapServer:
    """add() puts mails in; `refuse` and `drop_at` say what goes wrong.

    refuse: commands that get NO (with a word of the line, as in "UID FETCH 3 "). drop_at: the
    connection is closed instead of answering a line that contains it. on_line: called with each
    line before it is answered.
    """

    def __init__(
        self,
        *,
        password: str = "secret",
        token: str = "token",
        tls_context: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        offer_starttls: bool = True,
    ) -> None:
        self.folders: dict[str, Folder] = {"INBOX": Folder()}
        self.refuse: list[str] = []
        self.drop_at: list[str] = []
        self.on_line: Callable[[str], None] | None = None
        self.lines: list[str] = []
        self.is_down = False
        self._password, self._token = password, token
        self._tls_context = tls_context
        self._implicit_tls = implicit_tls
        self._offer_starttls = offer_starttls
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()[:2]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def add(self, raw: bytes, internal_at: datetime, folder: str = "INBOX") -> int:
        box = self.folders.setdefault(folder, Folder())
        uid, box.uid_next = box.uid_next, box.uid_next + 1
        box.mails.append(StoredMail(uid, raw.replace(b"\r\n", b"\n"), internal_at))
        return uid

    def move(self, uid: int, folder: str, to: str) -> None:
        box = self.folders[folder]
        (mail,) = [x for x in box.mails if x.uid == uid]
        box.mails.remove(mail)
        self.add(mail.raw, mail.internal_at, to)

    def renumber(self, folder: str = "INBOX") -> None:
        """As after a restored backup: other numbers under another validity."""
        box = self.folders[folder]
        box.uid_validity += 1
        for number, mail in enumerate(box.mails, start=1):
            mail.uid = number
        box.uid_next = len(box.mails) + 1

    def __enter__(self) -> "ScriptedImapServer":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        for sock in [self._listener, *list(self._open)]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if self.is_down:
                sock.close()
                continue
            self._open.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        session = _Session(self, sock)
        with contextlib.suppress(OSError, ssl.SSLError, EOFError):
            if self._implicit_tls:
                session.wrap(self._tls_context)
            session.run()
        with contextlib.suppress(OSError):
            session.sock.close()


class _Session:
    def __init__(self, server: ScriptedImapServer, sock: socket.socket) -> None:
        self.server, self.sock = server, sock
        self.reader = sock.makefile("rb")
        self.is_signed_in = False
        self.folder: Folder | None = None

    def wrap(self, context: ssl.SSLContext | None) -> None:
        assert context is not None
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.reader = self.sock.makefile("rb")

    def say(self, line: str | bytes) -> None:
        self.sock.sendall((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def run(self) -> None:
        self.say("* OK ready")
        while line := self.reader.readline():
            text = line.decode("utf-8").strip()
            self.server.lines.append(text)
            if self.server.on_line is not None:
                self.server.on_line(text)
            tag, _, rest = text.partition(" ")
            if any(word in rest for word in self.server.drop_at):
                return
            if any(word in rest for word in self.server.refuse):
                self.say(f"{tag} NO told so")
            elif not self._answer(tag, rest):
                return

    def _answer(self, tag: str, rest: str) -> bool:
        verb, _, said = rest.partition(" ")
        verb = verb.upper()
        if verb == "UID":
            verb, _, said = said.partition(" ")
            verb = f"UID {verb.upper()}"
        known = {
            "CAPABILITY": self._capability,
            "STARTTLS": self._starttls,
            "LOGIN": self._login,
            "AUTHENTICATE": self._authenticate,
            "EXAMINE": self._examine,
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
        }
        if verb == "LOGOUT":
            self.say("* BYE then")
            self.say(f"{tag} OK done")
            return False
        if verb not in known:
            self.say(f"{tag} BAD this server is for reading only: {verb}")
            return True
        known[verb](tag, said)
        return True

    def _capability(self, tag: str, _said: str) -> None:
        offered = " STARTTLS" if self.server._offer_starttls else ""
        self.say(f"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2{offered}")
        self.say(f"{tag} OK done")

    def _starttls(self, tag: str, _said: str) -> None:
        self.say(f"{tag} OK done")
        self.wrap(self.server._tls_context)

    def _login(self, tag: str, said: str) -> None:
        self._sign_in(tag, said.endswith(f'"{self.server._password}"'))

    def _authenticate(self, tag: str, _said: str) -> None:
        self.say("+ ")
        given = base64.b64decode(self.reader.readline()).decode()
        self._sign_in(tag, f"auth=Bearer {self.server._token}\x01" in given)

    def _sign_in(self, tag: str, is_right: bool) -> None:
        self.is_signed_in = is_right
        self.say(f"{tag} OK done" if is_right else f"{tag} NO [AUTHENTICATIONFAILED] wrong")

    def _examine(self, tag: str, said: str) -> None:
        self.folder = self.server.folders.get(said.strip('"')) if self.is_signed_in else None
        if self.folder is None:
            self.say(f"{tag} NO no such folder")
            return
        self.say(f"* {len(self.folder.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.folder.uid_validity}]")
        self.say(f"{tag} OK [READ-ONLY]")

    def _search(self, tag: str, said: str) -> None:
        found = [str(mail.uid) for mail in self._named(said.removeprefix("UID "))]
        self.say(f"* SEARCH {' '.join(found)}".rstrip())
        self.say(f"{tag} OK done")

    def _named(self, numbers: str) -> list[StoredMail]:
        assert self.folder is not None
        mails = self.folder.mails
        last = max((mail.uid for mail in mails), default=0)
        wanted: set[int] = set()
        for part in numbers.split(","):
            match = _SET.fullmatch(part)
            assert match is not None, numbers
            first = int(match[1])
            end = last if match[2] == "*" else int(match[2] or first)
            # "5:*" names the last mail also where its number is 3 (RFC 3501, 9, seq-range).
            wanted |= set(range(min(first, end), max(first, end) + 1))
        return [mail for mail in mails if mail.uid in wanted]

    def _fetch(self, tag: str, said: str) -> None:
        numbers, _, items = said.partition(" ")
        assert "BODY[" not in items, "this would mark the mail as seen"
        for place, mail in enumerate(self._named(numbers), start=1):
            raw = mail.raw.replace(b"\n", b"\r\n")
            # As some servers do: another client's news between the answers.
            self.say(f"* {place} FETCH (FLAGS (\\Seen))")
            date = mail.internal_at.strftime("%d-%b-%Y %H:%M:%S +0000")
            if "RFC822.SIZE" in items:
                self.say(f"* {place} FETCH (UID {mail.uid} RFC822.SIZE {len(raw)})")
                continue
            part = "BODY[]"
            if "HEADER" in items:
                raw, part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", "BODY[HEADER]"
            if b"\n" not in raw:
                # Nor need octets without a line end come as a literal.
                escaped = raw.decode().replace('"', '\\"')
                short = f'"{escaped}"' if raw else "NIL"
                self.say(f'* {place} FETCH (UID {mail.uid} INTERNALDATE "{date}" {part} {short})')
                continue
            # The number comes before the octets, the date after them: both are allowed.
            self.say(f"* {place} FETCH (UID {mail.uid} {part} {{{len(raw)}}}")
            self.sock.sendall(raw)
            self.say(f' INTERNALDATE "{date}")')
        self.say(f"{tag} OK done")
