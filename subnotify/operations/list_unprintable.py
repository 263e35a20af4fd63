"""What a release would say or be addressed with that letters cannot be printed with."""

from collections.abc import Iterable
from dataclasses import dataclass

from subnotify.delivery.printable import unprintable, unprintable_in
from subnotify.storage.expected_letters import Addressee
from subnotify.storage.tables.base import Json


@dataclass(frozen=True)
class Unprintable:
    """texts: the characters in what the release says, in every letter of it; "" without any.
    letters: whose name or address has such characters, with these."""

    texts: str = ""
    letters: tuple[tuple[Addressee, str], ...] = ()


def list_unprintable(content: Json, addressees: Iterable[Addressee]) -> Unprintable:
    """content: what the release announces. Each addressee of one agreement is named once."""
    found = {}
    for one in addressees:
        characters = unprintable(
            one.client_name, one.agreement_reference, one.contact_name, one.postal_address
        )
        if characters:
            found[one] = characters
    return Unprintable(unprintable_in(content), tuple(found.items()))
