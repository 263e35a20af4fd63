"""A far mail sink as a process of its own: takes every mail, keeps none, and answers each command
so late as a host does that is 20 ms away.

`python -m tests.bench.sink` prints its port. Bare asyncio, so that it is not what is measured. It
offers no PIPELINING: each of the four replies of a mail is waited for.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

REPLY_DELAY_SECONDS = 0.02


class SinkProtocol(asyncio.Protocol):
    """Answers 250 to everything; after DATA it waits for the final dot."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.waiting = b""
        self.in_data = False
        self.loop = asyncio.get_running_loop()
        self._answer(b"220 sink ready\r\n")

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while self._take():
            pass

    def _take(self) -> bool:
        if self.in_data:
            _body, dot, rest = self.waiting.partition(b"\r\n.\r\n")
            if not dot:
                return False
            self.waiting, self.in_data = rest, False
            self._answer(b"250 taken\r\n")
            return True
        line, end, rest = self.waiting.partition(b"\r\n")
        if not end:
            return False
        self.waiting = rest
        verb = line[:4].upper()
        self.in_data = verb == b"DATA"
        answers = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
        self._answer(answers.get(verb, b"250 sink\r\n"))
        return True

    def _answer(self, reply: bytes) -> None:
        self.loop.call_later(REPLY_DELAY_SECONDS, self.transport.write, reply)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(SinkProtocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running_far_sink() -> Iterator[int]:
    """The port of a sink that runs until the block ends."""
    command = [sys.executable, "-m", "tests.bench.sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield int(child.stdout.readline())
        finally:
            child.terminate()


if __name__ == "__main__":
    asyncio.run(_serve())
