"""One courier of a run: takes mails from the board and hands them over, on a thread of its own."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from subnotify.delivery.courier import Courier
from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb
from subnotify.operations.built_batches import ReadyMail
from subnotify.operations.record_attempts import Tried
from subnotify.operations.send_board import Begun, Board

log = logging.getLogger(__name__)

# So many failed sessions in a row are the server's, not the recipients': the courier ends.
FAILED_SESSIONS_IN_A_ROW = 3
# So many refusals of us as the sender in a row are of all mails. A few may be of those alone (a
# relay serves some domains only), come first in every run, and must hold no other back.
SENDER_REFUSALS_IN_A_ROW = 50
_SERVICE_CLOSES = 421


@dataclass(frozen=True)
class CourierWork:
    """How every courier of a run works. must_leave: whether a mail may not be begun any more."""

    board: Board
    open_courier: Callable[[], Courier]
    must_leave: Callable[[Begun], bool]
    clock: Callable[[], datetime]
    pause: timedelta

    def run(self) -> None:
        """Deliver until the board is closed or the server fails."""
        courier = _Reopening(self.open_courier)
        try:
            self._deliver_all(courier)
        except BaseException as error:
            self.board.fail(error)
        finally:
            courier.close()
            self.board.retire()

    def _deliver_all(self, courier: "_Reopening") -> None:
        failed = refused = 0
        while (begun := self.board.take()) is not None:
            mail = begun.mail
            if self.must_leave(begun):
                self.board.leave(mail)
                continue
            result = courier.deliver(mail)
            self.board.give(Tried(mail, result, self.clock()))
            failed = failed + 1 if _ended_session(result) else 0
            refused = refused + 1 if result.concerns_sender else 0
            given_up = (
                result.concerns_server
                or failed == FAILED_SESSIONS_IN_A_ROW
                or refused == SENDER_REFUSALS_IN_A_ROW
            )
            if given_up:
                log.error(
                    "a connection ends: %s at %s: %s", result.state, result.verb, result.reply
                )
                self.board.last_failure = result.reply
                if result.state is DeliveryState.AUTHENTICATION_FAILED:
                    self.board.close()
                return
            if failed:
                self.board.rest(self.pause.total_seconds() * 2 ** (failed - 1))


class _Reopening:
    """A courier that is opened at the first mail, and anew after a fault of ours."""

    def __init__(self, open_courier: Callable[[], Courier]) -> None:
        self._open = open_courier
        self._courier: Courier | None = None

    def deliver(self, mail: ReadyMail) -> DeliveryResult:
        if self._courier is None:
            self._courier = self._open()
        try:
            return self._courier.deliver(mail.envelope, mail.raw)
        except Exception as error:
            # Who knows how far it came: unknown, and the rest goes on over a new connection.
            log.exception("delivery of %s failed", mail.message.logical_key)
            self.close()
            words = f"{type(error).__name__}: {error}"
            return DeliveryResult(DeliveryState.UNKNOWN, Verb.FAULT, None, words[:1000], "")

    def close(self) -> None:
        courier, self._courier = self._courier, None
        if courier is not None:
            try:
                courier.close()
            except Exception:
                log.exception("a connection did not end well")


def _ended_session(result: DeliveryResult) -> bool:
    """The connection was lost, or the server closes it; a refusal alone leaves it open."""
    lost = result.code is None and result.state is not DeliveryState.REJECTED
    return lost or result.code == _SERVICE_CLOSES
