"""Names and addresses that no letter could be printed with are refused as they are entered.

A letter with such a one is set aside when it is written, after the release: then the notice is
late. What stands on record already is left as it is until it is changed.
"""

from collections.abc import Iterable

from subnotify.delivery.printable import unprintable
from subnotify.operations.import_run import ImportRun
from subnotify.rules.errors import N_
from subnotify.rules.registry_entries import ClientEntry, ContactEntry
from subnotify.storage.tables import ClientRow, ContactRow

IN_LATIN = N_("Write it in Latin letters, as post abroad does too.")


def refuse_unprintable_name(
    run: ImportRun, entry: ClientEntry, row: ClientRow, contacts: Iterable[ContactRow], where: str
) -> None:
    """A new name of a client to whom letters can be addressed. row: before the change."""
    if entry.name != row.name and any(one.postal_address for one in contacts):
        _refuse(run, entry.name, f"{where}.name")


def refuse_unprintable_contact(
    run: ImportRun,
    client: ClientEntry,
    contact: ContactEntry,
    row: ContactRow | None,
    where: str,
) -> None:
    """A new name or address of a contact that has a postal address; where it is its first one, the
    name of its client too, which stands above it. row: before the change; None for a new one."""
    if not contact.postal_address:
        return
    before = row if row is not None and row.postal_address else None
    if before is None or contact.name != before.name:
        _refuse(run, contact.name, f"{where}.name")
    if before is None or contact.postal_address != before.postal_address:
        _refuse(run, contact.postal_address, f"{where}.postal_address")
    characters = unprintable(client.name) if before is None else ""
    if characters:
        run.problem(
            f"{where}.postal_address",
            "The name of the client, %(client)s, stands above this address, and letters cannot be"
            " printed with: %(characters)s.",
            "Write the client’s name in Latin letters first, as post abroad does too.",
            client=client.name,
            characters=characters,
        )


def _refuse(run: ImportRun, text: str, where: str) -> None:
    characters = unprintable(text)
    if characters:
        run.problem(
            where,
            "Letters cannot be printed with these characters: %(characters)s.",
            IN_LATIN,
            characters=characters,
        )
