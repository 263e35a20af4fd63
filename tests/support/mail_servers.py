"""Real Postfix and Dovecot on loopback: a relay, and the mailbox where what comes back arrives.

Both are started as processes of the test with a configuration of their own in a temporary folder;
no service of the system is touched. Postfix takes every address of its domains at RCPT, as a relay
does, and finds out later who does not exist. Its master must start as root.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.sockets import free_port

PACKAGES = ("postfix", "dovecot-imapd")
REMEDY = (
    "the tests with real mail servers need Postfix and Dovecot. On Debian:"
    f" apt-get install --no-install-recommends {' '.join(PACKAGES)} (no service need run)"
)
PASSWORD = "only-for-tests"
MAILBOX = "notices@vendor.example"
KNOWN = "known@client.example"
UNKNOWN = "unknown@client.example"
_OWNER = "nobody"
_DAEMONS = Path("/usr/lib/postfix/sbin")
_SECONDS_TO_START = 20


class MailServersMissing(RuntimeError):
    """Postfix or Dovecot is not installed; the message says how to get them."""


def provide_mail_servers() -> str:
    """Where both are; as root on Debian they are installed, without starting services."""
    if os.getuid() != 0:
        return "not started: Postfix needs root"
    if not _are_installed() and shutil.which("apt-get"):
        _install()
    if not _are_installed():
        raise MailServersMissing(REMEDY)
    return "postfix, dovecot"


def _are_installed() -> bool:
    dovecot = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    return (_DAEMONS / "master").exists() and dovecot is not None


def _install() -> None:
    """RUNLEVEL=1: the packages' scripts start nothing in single-user mode."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "-y", "install", "--no-install-recommends", *PACKAGES],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode and "install" in command:
            raise MailServersMissing(f"{REMEDY}\n{done.stderr}")


@dataclass(frozen=True)
class MailServers:
    """folder: configuration, queue, mailboxes and logs."""

    folder: Path
    smtp_port: int
    imap_port: int

    def mails_of_known(self) -> list[bytes]:
        """What arrived at the client's one address."""
        return [path.read_bytes() for path in sorted((self.folder / "mail/known/new").glob("*"))]

    def logs(self) -> str:
        found = (self.folder / "postfix.log", self.folder / "dovecot.log")
        return "\n".join(path.read_text("utf-8", "replace") for path in found if path.exists())


@contextmanager
def mail_servers() -> Iterator[MailServers]:
    """Both servers, from their start to their end. Raises MailServersMissing."""
    if not _are_installed():
        raise MailServersMissing(REMEDY)
    # Not below pytest's folder: other users' processes could not reach it there.
    folder = Path(tempfile.mkdtemp(prefix="subnotify-mail-"))
    servers = MailServers(folder, free_port(), free_port())
    started: list[subprocess.Popen[bytes]] = []
    try:
        folder.chmod(0o755)
        _write_mailboxes(folder)
        _write_postfix(servers)
        _write_dovecot(servers)
        started += [_start_postfix(folder), _start_dovecot(folder)]
        for port in (servers.smtp_port, servers.imap_port):
            _wait_for(port, servers, started)
        yield servers
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _start_postfix(folder: Path) -> subprocess.Popen[bytes]:
    # "-s": stays in the foreground, in no session of its own; ended by SIGTERM.
    return _run_quietly([str(_DAEMONS / "master"), "-c", str(folder / "postfix"), "-s"])


def _start_dovecot(folder: Path) -> subprocess.Popen[bytes]:
    return _run_quietly(["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")])


def _run_quietly(command: list[str]) -> subprocess.Popen[bytes]:
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)


def _wait_for(port: int, servers: MailServers, started: list[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until:
        if any(process.poll() is not None for process in started):
            break
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
    raise RuntimeError(f"a mail server did not start:\n{servers.logs()}")


def _write_mailboxes(folder: Path) -> None:
    owner = pwd.getpwnam(_OWNER)
    (folder / "mail").mkdir()
    os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)


def _write_postfix(servers: MailServers) -> None:
    folder = servers.folder
    config = folder / "postfix"
    owner, postfix = pwd.getpwnam(_OWNER), pwd.getpwnam("postfix")
    config.mkdir()
    for name in ("queue", "data"):
        (folder / name).mkdir()
    os.chown(folder / "data", postfix.pw_uid, postfix.pw_gid)
    (config / "mailboxes").write_text(f"{MAILBOX} notices/\n{KNOWN} known/\n")
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "command_directory": "/usr/sbin",
        "daemon_directory": _DAEMONS,
        "mail_owner": "postfix",
        "setgid_group": "postdrop",
        "maillog_file": folder / "postfix.log",
        "maillog_file_prefixes": folder,
        "myhostname": "mx.vendor.example",
        "mydestination": "",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "disable_dns_lookups": "yes",
        "alias_maps": "",
        "local_recipient_maps": "",
        "recipient_delimiter": "+",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        # As a relay: who does not exist is found out at delivery.
        "smtpd_reject_unlisted_recipient": "no",
        "virtual_mailbox_domains": "vendor.example, client.example",
        "virtual_mailbox_base": folder / "mail",
        "virtual_mailbox_maps": f"texthash:{config / 'mailboxes'}",
        "virtual_uid_maps": f"static:{owner.pw_uid}",
        "virtual_gid_maps": f"static:{owner.pw_gid}",
        "virtual_minimum_uid": "1",
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    (config / "main.cf").write_text("\n".join(lines) + "\n")
    services = [
        f"127.0.0.1:{servers.smtp_port} inet n - n - - smtpd",
        "pickup unix n - n 60 1 pickup",
        "cleanup unix n - n - 0 cleanup",
        "qmgr unix n - n 300 1 qmgr",
        "tlsmgr unix - - n 1000? 1 tlsmgr",
        "rewrite unix - - n - - trivial-rewrite",
        *(f"{name} unix - - n - 0 bounce" for name in ("bounce", "defer", "trace")),
        "verify unix - - n - 1 verify",
        "flush unix n - n 1000? 0 flush",
        "proxymap unix - - n - - proxymap",
        "smtp unix - - n - - smtp",
        "showq unix n - n - - showq",
        "error unix - - n - - error",
        "retry unix - - n - - error",
        "virtual unix - n n - - virtual",
        "anvil unix - - n - 1 anvil",
        "scache unix - - n - 1 scache",
        "postlog unix-dgram n - n - 1 postlogd",
    ]
    (config / "master.cf").write_text("\n".join(services) + "\n")
    _make_queue(config)


def _make_queue(config: Path) -> None:
    """Postfix itself makes the folders of its queue, with the owners that it wants."""
    done = subprocess.run(
        ["/usr/sbin/postfix", "-c", str(config), "check"], capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"Postfix does not take its configuration:\n{done.stderr}")


def _write_dovecot(servers: MailServers) -> None:
    folder, owner = servers.folder, pwd.getpwnam(_OWNER)
    (folder / "dovecot.conf").write_text(f"""
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/notices
first_valid_uid = 1
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={folder}/mail
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {servers.imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
""")
