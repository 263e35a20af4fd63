"""The probe of the public address against a real server: only we ourselves count as up."""

from collections.abc import Iterator

import pytest

from subnotify.delivery.public_probe import ask_public_address, is_nonce, proof_of
from tests.support.public_server import PublicServer, public_server
from tests.support.sockets import free_port

KEY = "a-secret-of-this-installation-0123456789"


@pytest.fixture
def public() -> Iterator[PublicServer]:
    with public_server(KEY) as server:
        yield server


def test_we_answer(public: PublicServer) -> None:
    answer = ask_public_address(public.url, KEY)
    assert (answer.is_up, answer.words) == (True, "")
    assert ask_public_address(public.url, KEY).is_up
    first, second = public.paths
    assert first.startswith("/up?nonce=")
    assert first != second


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ((500, {}, b""), "answered with status 500: “Internal Server Error”"),
        ((503, {}, b"maintenance"), "answered with status 503: “Service Unavailable”"),
        ((404, {}, b""), "answered with status 404: “Not Found”"),
        ((200, {}, b"<h1>We will be back soon</h1>"), "something else answers at this address"),
        ((200, {}, b""), "something else answers at this address"),
        ((200, {}, proof_of("0" * 32, KEY).encode()), "something else answers at this address"),
        ((200, {}, b"x" * 5_000_000), "something else answers at this address"),
        ("drop", "no connection: “Remote end closed connection without response”"),
    ],
)
def test_nothing_else_counts_as_up(public: PublicServer, told, words: str) -> None:
    public.tell = told
    answer = ask_public_address(public.url, KEY)
    assert (answer.is_up, answer.words) == (False, words)


def test_another_installation_is_not_us(public: PublicServer) -> None:
    assert not ask_public_address(public.url, KEY + "x").is_up


def test_a_redirect_is_not_followed(public: PublicServer) -> None:
    """Not even to ourselves: forms behind the links of our mails would not reach us."""
    with public_server(KEY) as elsewhere:
        public.tell = (302, {"Location": f"{elsewhere.url}/up"}, b"")
        answer = ask_public_address(public.url, KEY)
        assert (answer.is_up, answer.words) == (
            False,
            f"answered with status 302 and sent on to {elsewhere.url}/up: “Found”",
        )
        assert elsewhere.paths == []


def test_a_server_that_stalls_is_down(public: PublicServer) -> None:
    public.tell = "stall"
    answer = ask_public_address(public.url, KEY, timeout_seconds=0.2)
    assert (answer.is_up, answer.words) == (False, "no connection: “timed out”")


def test_nobody_listens() -> None:
    answer = ask_public_address(f"http://127.0.0.1:{free_port()}", KEY)
    assert not answer.is_up
    assert "refused" in answer.words


def test_a_name_that_does_not_exist() -> None:
    answer = ask_public_address("https://public.invalid", KEY)
    assert not answer.is_up
    assert answer.words


def test_no_proxy_is_asked(public: PublicServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask_public_address(public.url, KEY).is_up


@pytest.mark.parametrize("text", ["", "0" * 31, "0" * 33, "G" * 32, "A" * 32, "0" * 31 + "\n"])
def test_only_our_kind_of_nonce_is_answered(text: str) -> None:
    assert not is_nonce(text)
    assert is_nonce("0123456789abcdef" * 2)
