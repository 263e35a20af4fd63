"""Postfix's `smtp-sink` as a process of its own: takes every mail, keeps none."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REMEDY = (
    "no smtp-sink: it comes with the Debian package postfix. Either `apt-get install postfix`, or"
    " let `apt-get download postfix` work here (run `apt-get update` first): the package is then"
    " only unpacked"
)
_UNPACKED = Path(tempfile.gettempdir()) / "subnotify-postfix"


class SinkMissing(RuntimeError):
    """There is no smtp-sink; the message says how to get it."""


def find_smtp_sink() -> Path:
    """The program: of the system, or of the package unpacked beside it. Raises SinkMissing."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    found = shutil.which("smtp-sink", path=path)
    if found:
        return Path(found)
    program = _UNPACKED / "usr/sbin/smtp-sink"
    if not program.exists():
        _unpack()
    return program


def _unpack() -> None:
    """Download the package and unpack it, without installing it."""
    _UNPACKED.mkdir(exist_ok=True)
    try:
        subprocess.run(["apt-get", "download", "postfix"], cwd=_UNPACKED, check=True)
        (package,) = _UNPACKED.glob("postfix_*.deb")
        subprocess.run(["dpkg", "-x", package.name, "."], cwd=_UNPACKED, check=True)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        shutil.rmtree(_UNPACKED, ignore_errors=True)
        raise SinkMissing(REMEDY) from error


@contextmanager
def running_smtp_sink() -> Iterator[int]:
    """The port of a sink that runs until the block ends. Raises SinkMissing."""
    program = find_smtp_sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    as_user = ["-u", "nobody"] if os.getuid() == 0 else []
    # Its libraries lie beside it where the package was only unpacked.
    libraries = str(program.parent.parent / "lib/postfix")
    with subprocess.Popen(
        [str(program), "-4", *as_user, f"127.0.0.1:{port}", "100"],
        env={"LD_LIBRARY_PATH": libraries},
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            _wait_until_it_listens(child, port)
            yield port
        finally:
            child.terminate()


def _wait_until_it_listens(child: subprocess.Popen[bytes], port: int) -> None:
    """Each refused connection costs it nothing; it listens within milliseconds."""
    for _ in range(10_000):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except ConnectionRefusedError:
            if child.poll() is not None:
                raise SinkMissing(f"smtp-sink ended with {child.returncode}. {REMEDY}") from None
    raise SinkMissing(f"smtp-sink does not listen. {REMEDY}")
