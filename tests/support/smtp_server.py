"""A real SMTP server on loopback that answers as the test tells it, at each verb.

One thread a connection, blocking reads: so a test can drop, stall, or count at any step.
"""

import base64
import contextlib
import datetime
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_ADDRESS = re.compile(r"<([^>]*)>")


@dataclass(frozen=True)
class ReceivedMail:
    """One mail as stored: envelope, bytes without the transport's dots, number of its session."""

    envelope_from: str
    recipient: str
    raw: bytes
    session: int
    over_tls: bool

    @property
    def parsed(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class _Rule:
    verb: str
    act: str  # "answer" | "drop" | "stall"
    address: str | None
    answer: tuple[int, str]
    stored: bool
    left: int | None


@dataclass
class _Session:
    number: int
    sock: socket.socket
    over_tls: bool = False
    signed_in: bool = False
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)
    reader: object = None


class _Gone(Exception):
    pass


class ScriptedSmtpServer:
    """Verbs: connect, ehlo, starttls, auth, mail, rcpt, data, final_dot, rset, quit.

    `answer`, `drop` and `stall` add a rule for a verb; the first rule with tries left applies.
    `address` limits a rule to mails for that recipient (at rcpt, data and final_dot).
    """

    def __init__(
        self,
        *,
        extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8"),
        tls_context: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        offer_starttls: bool = True,
        password: tuple[str, str] | None = None,
    ) -> None:
        self.mails: list[ReceivedMail] = []
        self.commands: list[tuple[int, str]] = []
        self.sessions = 0
        self._data_begun = 0
        # Called with the count so far, on the thread that serves: a session was opened, the bytes
        # of a mail are about to be read, a mail was stored and not yet answered.
        self.on_connected: Callable[[int], None] | None = None
        self.on_data: Callable[[int], None] | None = None
        self.on_stored: Callable[[int], None] | None = None
        self._extensions = extensions
        self._tls_context = tls_context
        self._implicit_tls = implicit_tls
        self._offer_starttls = offer_starttls
        self._password = password
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.host, self.port = self._listener.getsockname()[:2]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    # -- what the test tells it ---------------------------------------------------------------

    def answer(
        self,
        verb: str,
        code: int,
        text: str = "told so",
        *,
        address: str | None = None,
        times: int | None = None,
    ) -> None:
        self._rules.append(_Rule(verb, "answer", address, (code, text), False, times))

    def drop(
        self,
        verb: str,
        *,
        address: str | None = None,
        times: int | None = None,
        stored: bool = False,
    ) -> None:
        """Close the connection instead of answering; `stored`: the mail is kept all the same."""
        self._rules.append(_Rule(verb, "drop", address, (0, ""), stored, times))

    def stall(
        self,
        verb: str,
        *,
        address: str | None = None,
        times: int | None = None,
        stored: bool = False,
    ) -> None:
        """Never answer, until the client gives up or the server stops."""
        self._rules.append(_Rule(verb, "stall", address, (0, ""), stored, times))

    def forget_rules(self) -> None:
        with self._lock:
            self._rules.clear()

    def mails_to(self, address: str) -> list[ReceivedMail]:
        return [mail for mail in list(self.mails) if mail.recipient == address]

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> "ScriptedSmtpServer":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopped.set()
        # shutdown wakes the blocking accept and reads; close alone does not
        for sock in [self._listener, *list(self._open)]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._thread.join(5)

    def __enter__(self) -> "ScriptedSmtpServer":
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(sock)
            self.sessions += 1
            session = _Session(self.sessions, sock)
            if self.on_connected is not None:
                self.on_connected(self.sessions)
            threading.Thread(target=self._serve, args=(session,), daemon=True).start()

    def _serve(self, session: _Session) -> None:
        try:
            if self._implicit_tls:
                self._wrap(session)
            session.reader = session.sock.makefile("rb")
            self._reply(session, "connect", 220, "loopback.test ESMTP")
            while True:
                line = session.reader.readline(4096)
                if not line:
                    return
                self._command(session, line.decode("utf-8").rstrip("\r\n"))
        except (_Gone, OSError, ValueError):
            pass
        finally:
            self._open.discard(session.sock)
            with contextlib.suppress(OSError):
                session.sock.shutdown(socket.SHUT_RDWR)
            session.sock.close()

    # -- the protocol -------------------------------------------------------------------------

    def _command(self, session: _Session, line: str) -> None:
        self.commands.append((session.number, line))
        verb = line.split(" ", 1)[0].split(":", 1)[0].lower()
        found = _ADDRESS.search(line)
        if verb in ("ehlo", "helo"):
            self._reply(session, "ehlo", 250, "\n".join(["loopback.test", *self._offers(session)]))
        elif verb == "starttls" and self._tls_context and not session.over_tls:
            if self._reply(session, "starttls", 220, "go ahead"):
                self._wrap(session)
                session.reader = session.sock.makefile("rb")
        elif verb == "auth":
            self._authenticate(session, line)
        elif verb == "mail" and found:
            if self._password and not session.signed_in:
                self._write(session, 530, "5.7.0 authentication required")
            elif self._reply(session, "mail", 250, "sender ok"):
                session.sender, session.recipients = found.group(1), []
        elif verb == "rcpt" and found and session.sender is None:
            self._write(session, 503, "5.5.1 MAIL first")
        elif verb == "rcpt" and found:
            if self._reply(session, "rcpt", 250, "recipient ok", address=found.group(1)):
                session.recipients.append(found.group(1))
        elif verb == "data":
            self._data(session)
        elif verb == "rset":
            session.sender, session.recipients = None, []
            self._reply(session, "rset", 250, "reset")
        elif verb == "quit":
            self._reply(session, "quit", 221, "bye")
            raise _Gone
        else:
            self._write(session, 502, "no such command")

    def _offers(self, session: _Session) -> list[str]:
        offers = list(self._extensions)
        if self._tls_context and self._offer_starttls and not session.over_tls:
            offers.append("STARTTLS")
        if self._password:
            offers.append("AUTH PLAIN")
        return offers

    def _authenticate(self, session: _Session, line: str) -> None:
        user, _, password = base64.b64decode(line.split(" ")[2]).decode()[1:].partition("\0")
        if self._password != (user, password):
            self._reply(session, "auth", 535, "5.7.8 credentials invalid")
        elif self._reply(session, "auth", 235, "welcome"):
            session.signed_in = True

    def _data(self, session: _Session) -> None:
        if not session.recipients:
            self._write(session, 503, "no recipients")
            return
        address = session.recipients[-1]
        with self._lock:
            self._data_begun += 1
            count = self._data_begun
        if self.on_data is not None:
            self.on_data(count)
        if not self._reply(session, "data", 354, "go ahead", address=address):
            return
        lines = []
        while (line := session.reader.readline()) != b".\r\n":
            if not line:
                raise _Gone
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = ReceivedMail(
            session.sender or "", address, b"".join(lines), session.number, session.over_tls
        )
        session.sender, session.recipients = None, []
        self._reply(session, "final_dot", 250, "queued as 1", address=address, mail=mail)

    def _reply(
        self,
        session: _Session,
        verb: str,
        code: int,
        text: str,
        *,
        address: str | None = None,
        mail: ReceivedMail | None = None,
    ) -> bool:
        """Answer as told, or the usual; returns whether the verb was accepted."""
        rule = self._rule(verb, address)
        if mail and (rule is None or rule.stored or (rule.act, rule.answer[0]) == ("answer", 250)):
            self._store(mail)
        if rule is None:
            self._write(session, code, text)
            return True
        if rule.act == "stall":
            self._stopped.wait()
        if rule.act != "answer":
            raise _Gone
        self._write(session, *rule.answer)
        if rule.answer[0] == 421:
            raise _Gone
        return rule.answer[0] < 400

    def _rule(self, verb: str, address: str | None) -> _Rule | None:
        with self._lock:
            for rule in self._rules:
                if rule.verb != verb or rule.left == 0 or rule.address not in (None, address):
                    continue
                if rule.left is not None:
                    rule.left -= 1
                return rule
        return None

    def _store(self, mail: ReceivedMail) -> None:
        with self._lock:
            self.mails.append(mail)
            count = len(self.mails)
        if self.on_stored is not None:
            self.on_stored(count)

    def _write(self, session: _Session, code: int, text: str) -> None:
        lines = text.split("\n")
        marks = ["-"] * (len(lines) - 1) + [" "]
        reply = "".join(f"{code}{mark}{line}\r\n" for mark, line in zip(marks, lines, strict=True))
        session.sock.sendall(reply.encode())

    def _wrap(self, session: _Session) -> None:
        assert self._tls_context is not None
        self._open.discard(session.sock)
        session.sock = self._tls_context.wrap_socket(session.sock, server_side=True)
        self._open.add(session.sock)
        session.over_tls = True


@dataclass(frozen=True)
class TlsPair:
    """A self-signed certificate for 127.0.0.1: the server's context and one that trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def make_tls_pair(folder: Path) -> TlsPair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = folder / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return TlsPair(server, ssl.create_default_context(cafile=str(path)))


@pytest.fixture
def smtp_server() -> Iterator[ScriptedSmtpServer]:
    with ScriptedSmtpServer() as server:
        yield server


@pytest.fixture(scope="session")
def tls_pair(tmp_path_factory: pytest.TempPathFactory) -> TlsPair:
    return make_tls_pair(tmp_path_factory.mktemp("tls"))
