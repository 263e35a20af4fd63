"""Sample mails, and reading them as the vendor of the samples does."""

from pathlib import Path

from subnotify.delivery.incoming import read_incoming
from subnotify.delivery.incoming_mail import IncomingMail
from subnotify.delivery.sealing import SealKey

SAMPLES = Path(__file__).parents[1] / "data"
OWN = "notices@vendor.example"
KEY = SealKey(b"k" * 32)
# The notice that the constructed samples are about.
NOTICE_ID = "<0123456789abcdef0123456789abcdef@vendor.example>"


def list_samples(folder: str) -> list[Path]:
    """The mails in a folder of samples, in the order of their names."""
    files = (file for file in (SAMPLES / folder).iterdir() if file.suffix in {".txt", ".eml"})
    return sorted(files)


def read_sample(name: str) -> IncomingMail:
    """A sample by its path under tests/data."""
    return read((SAMPLES / name).read_bytes())


def read(raw: bytes, envelope_recipient: str | None = None) -> IncomingMail:
    return read_incoming(
        raw,
        return_address=OWN,
        own_addresses={OWN},
        keys=[KEY],
        envelope_recipient=envelope_recipient,
    )
