"""Whether what an import file refers to exists, in the file or in what is stored."""

from collections.abc import Callable, Collection

from subnotify.rules.reading import Reader
from subnotify.rules.registry_entries import AgreementEntry, KnownKeys, RegistryFile
from subnotify.rules.words import ContactKind


def check_references(
    file: RegistryFile,
    known: KnownKeys,
    is_holiday_calendar: Callable[[str], bool],
    reader: Reader,
) -> None:
    """Notes a problem in `reader` for every key that is not known, and names those that are."""
    services = known.services | {entry.key for entry in file.services}
    subprocessors = known.subprocessors | {entry.key for entry in file.subprocessors}
    contacts: dict[str, frozenset[str]] = dict(known.contacts_by_client)
    for client in file.clients:
        own = frozenset(contact.key for contact in client.contacts)
        contacts[client.key] = contacts.get(client.key, frozenset()) | own
    for number, entry in enumerate(file.subprocessors):
        where = f"subprocessors[{number}]"
        for place, service in enumerate(entry.facts.services):
            _check_known(service, services, f"{where}.services[{place}]", reader)
        if entry.facts.engaged_by:
            others = subprocessors - {entry.key}
            _check_known(entry.facts.engaged_by, others, f"{where}.engaged_by", reader)
        if entry.replaces:
            others = subprocessors - {entry.key}
            _check_known(entry.replaces, others, f"{where}.replaces", reader)
    for number, agreement in enumerate(file.agreements):
        where = f"agreements[{number}]"
        for place, bought in enumerate(agreement.services):
            _check_known(bought.service, services, f"{where}.services[{place}]", reader)
        if _check_known(agreement.client, contacts, f"{where}.client", reader):
            _check_contacts(agreement, contacts[agreement.client], where, reader)
        _check_laws(agreement, file, known, f"{where}.laws", reader)
        calendar = agreement.terms.counting.holiday_calendar if agreement.terms else "none"
        if not is_holiday_calendar(calendar):
            reader.problem(
                f"{where}.terms.counting.holiday_calendar",
                "There is no holiday calendar “%(value)s”.",
                "Write none, a country (FR) or a country and its part (FR-57).",
                value=calendar,
            )


def _check_laws(
    agreement: AgreementEntry,
    file: RegistryFile,
    known: KnownKeys,
    where: str,
    reader: Reader,
) -> None:
    """The list is assessed under the vendor's export laws; a client cannot fall under another."""
    laws = known.laws
    if file.vendor is not None and (laws is None or "laws" in file.vendor_says):
        laws = frozenset(file.vendor.laws)
    if laws is None:
        return
    for law in sorted((agreement.laws or frozenset()) - laws):
        reader.problem(
            where,
            "%(law)s is not among the export laws of the vendor.",
            "Add it to `laws` of the vendor, so that the list is assessed under it.",
            law=law.value,
        )


def _check_contacts(
    agreement: AgreementEntry, contacts: frozenset[str], where: str, reader: Reader
) -> None:
    numbers = {ContactKind.NOTICE: 0, ContactKind.COPY: 0}
    for designation in agreement.contacts:
        number = numbers[designation.kind]
        numbers[designation.kind] += 1
        path = f"{where}.{designation.kind.value}_contacts[{number}].contact"
        _check_known(designation.contact, contacts, path, reader)


def _check_known(key: str, known: Collection[str], where: str, reader: Reader) -> bool:
    if key in known:
        return True
    names = sorted(known)
    reader.problem(
        where,
        "“%(key)s” is not known.",
        "Add it to the file, or use one of: %(known)s.",
        key=key,
        known=", ".join(names[:20]) or "(there are none yet)",
    )
    return False
