"""Couriers that do as a test says, where no server could be made to."""

from subnotify.delivery.courier import Envelope
from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb

TAKEN = DeliveryResult(DeliveryState.HANDED_OVER, Verb.FINAL_DOT, 250, "ok", "h")


class FakeCourier:
    """Takes every mail; tests override what they need."""

    def deliver(self, _envelope: Envelope, _raw: bytes) -> DeliveryResult:
        return TAKEN

    def sign_in(self, _sender: str) -> DeliveryResult | None:
        return None

    def close(self) -> None:
        pass
