"""A real HTTP server on loopback in the place of the public address: it answers as told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from subnotify.delivery.public_probe import proof_of


class PublicServer:
    """tell: "proof" (as our web server), "stall", "drop", or a status with headers and a body."""

    def __init__(self, secret_key: str) -> None:
        self.secret_key = secret_key
        self.tell: str | tuple[int, dict[str, str], bytes] = "proof"
        self.paths: list[str] = []
        self.stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.01)

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()


def _handler_of(public: PublicServer) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            public.paths.append(self.path)
            told = public.tell
            if told == "stall":
                public.stopped.wait()
            if told in ("stall", "drop"):
                self.close_connection = True
                return
            status, headers, body = (200, {}, b"") if told == "proof" else told
            if told == "proof":
                nonce = parse_qs(urlsplit(self.path).query)["nonce"][0]
                body = proof_of(nonce, public.secret_key).encode()
            assert isinstance(status, int)
            self.send_response(status)
            for name, value in dict(headers).items():
                self.send_header(name, value)
            self.end_headers()
            assert isinstance(body, bytes)
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Nothing: the test reads `paths`."""

    return Answers


@contextmanager
def public_server(secret_key: str) -> Iterator[PublicServer]:
    server = PublicServer(secret_key)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
