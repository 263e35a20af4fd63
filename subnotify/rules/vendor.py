"""What the public page says of the vendor itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor_mechanisms import (
    Mechanism,
    mechanism_from_mapping,
    mechanism_to_mapping,
    read_mechanisms,
)


@dataclass(frozen=True)
class VendorProfile:
    """The vendor, its data-protection contact and its supervisory authority.

    demonstration: the vendor is invented; every page says so. laws: the export laws of its
    clients' data; every entry must be lawful under each. mechanisms: what it states of transfer
    mechanisms, for the chart.
    """

    name: str
    address: str = ""
    country: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_address: str = ""
    authority_name: str = ""
    authority_address: str = ""
    authority_website: str = ""
    demonstration: bool = False
    laws: tuple[ExportLaw, ...] = (ExportLaw.EU_GDPR,)
    mechanisms: tuple[Mechanism, ...] = ()


def read_vendor(
    value: object, where: str, reader: Reader, reference: TransferReference
) -> VendorProfile | None:
    """The vendor's section of an import file; None, with its problems, where it is not valid."""
    data = reader.mapping(value, where)
    if data is None:
        return None
    noted = len(reader.problems)
    names = [field.name for field in fields(VendorProfile)]
    reader.known_fields(data, where, names)
    texts = {
        name: reader.text(
            data.get(name), f"{where}.{name}", required=name in ("name", "contact_email")
        )
        for name in names
        if name not in ("demonstration", "laws", "mechanisms")
    }
    reader.email(data.get("contact_email"), f"{where}.contact_email")
    reader.country(data.get("country"), f"{where}.country", required=False)
    demonstration = reader.flag(data.get("demonstration"), f"{where}.demonstration")
    laws = read_laws(data.get("laws"), f"{where}.laws", reader) or (ExportLaw.EU_GDPR,)
    mechanisms = read_mechanisms(data.get("mechanisms"), f"{where}.mechanisms", reader, reference)
    profile = VendorProfile(**texts, demonstration=demonstration, laws=laws, mechanisms=mechanisms)
    return profile if len(reader.problems) == noted else None


def read_laws(value: object, where: str, reader: Reader) -> tuple[ExportLaw, ...]:
    """Export laws of a list, each once, in the order in which pages show them."""
    named = [
        reader.choice(item, f"{where}[{number}]", ExportLaw)
        for number, item in enumerate(reader.sequence(value, where))
    ]
    return tuple(law for law in ExportLaw if law in named)


def vendor_to_mapping(profile: VendorProfile) -> dict[str, Any]:
    """The profile as plain data in the shape of an import file."""
    plain = {**asdict(profile), "laws": [law.value for law in profile.laws]}
    del plain["mechanisms"]
    if profile.mechanisms:
        plain["mechanisms"] = [mechanism_to_mapping(x) for x in profile.mechanisms]
    return plain


def vendor_from_mapping(data: Mapping[str, Any]) -> VendorProfile:
    """The profile from our own storage."""
    laws = tuple(ExportLaw(code) for code in data.get("laws", (ExportLaw.EU_GDPR,)))
    mechanisms = tuple(mechanism_from_mapping(x) for x in data.get("mechanisms", ()))
    return VendorProfile(**{**data, "laws": laws, "mechanisms": mechanisms})
