"""Asking our own public address, as a client would, whether it is us who answer there.

The answer proves itself: a maintenance page, a captive portal or another installation cannot give
it, because it rests on a nonce of this question and on the installation's secret key.
"""

import hmac
import http.client
import re
import secrets
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import IO
from urllib.parse import urlencode

from subnotify.rules.troubles import Trouble, TroubleCode

PATH = "/up"
NONCE_ARGUMENT = "nonce"
TIMEOUT_SECONDS = 10.0
_NONCE = re.compile(r"[0-9a-f]{32}")
_PURPOSE = b"subnotify: proof that this installation answers at its public address"
# More than any answer of ours; another page may be as long as it likes.
_MOST_OCTETS = 1_000
_LONGEST_WORDS = 300


@dataclass(frozen=True)
class ProbeAnswer:
    """Whether this installation and its database answered, and else what came instead."""

    is_up: bool
    trouble: Trouble | None = None

    @property
    def words(self) -> str:
        """What came instead, in English."""
        return str(self.trouble or "")


def is_nonce(text: str) -> bool:
    return _NONCE.fullmatch(text) is not None


def proof_of(nonce: str, secret_key: str) -> str:
    """What only the holder of the secret key can say to this nonce: 64 hexadecimal digits.

    The key is derived for this purpose alone: whoever asks learns nothing of use elsewhere.
    """
    key = hmac.digest(secret_key.encode(), _PURPOSE, "sha256")
    return hmac.digest(key, nonce.encode(), "sha256").hex()


def ask_public_address(
    public_url: str,
    secret_key: str,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    tls_context: ssl.SSLContext | None = None,
) -> ProbeAnswer:
    """Ask once; raises nothing for what networks and servers do.

    The certificate must be good, no proxy is asked, and a redirect is not followed: the links in
    our mails and the forms behind them need this very address. timeout_seconds: of each wait for
    the network. tls_context: for a certificate authority of one's own; it must verify.
    """
    nonce = secrets.token_hex(16)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=tls_context or ssl.create_default_context()),
        _NoRedirects(),
    )
    request = urllib.request.Request(
        f"{public_url.rstrip('/')}{PATH}?{urlencode({NONCE_ARGUMENT: nonce})}",
        headers={"Cache-Control": "no-cache", "User-Agent": "subnotify-probe"},
    )
    try:
        with opener.open(request, timeout=timeout_seconds) as response:
            body = response.read(_MOST_OCTETS)
    except urllib.error.HTTPError as error:
        with error:
            return ProbeAnswer(False, _refused(error))
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        said = (str(reason) or type(reason).__name__)[:_LONGEST_WORDS]
        return ProbeAnswer(False, Trouble(TroubleCode.NO_CONNECTION, words=said))
    if not hmac.compare_digest(body.strip(), proof_of(nonce, secret_key).encode()):
        return ProbeAnswer(False, Trouble(TroubleCode.SOMETHING_ELSE_ANSWERS))
    return ProbeAnswer(True)


def _refused(error: urllib.error.HTTPError) -> Trouble:
    where = (error.headers.get("Location") or "")[:_LONGEST_WORDS]
    words = str(error.reason)[:_LONGEST_WORDS]
    if where:
        figures: dict[str, int | str] = {"status": error.code, "location": where}
        return Trouble(TroubleCode.SENT_ELSEWHERE, figures, words)
    return Trouble(TroubleCode.ANSWERED_STATUS, {"status": error.code}, words)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        """Followed nowhere: the redirect is the answer."""
