"""What the public page says of the vendor itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from subnotify.rules.reading import Reader


@dataclass(frozen=True)
class VendorProfile:
    """The vendor, its data-protection contact and its supervisory authority.

    demonstration: the vendor is invented; every page says so.
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


def read_vendor(value: object, where: str, reader: Reader) -> VendorProfile | None:
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
        if name != "demonstration"
    }
    reader.email(data.get("contact_email"), f"{where}.contact_email")
    reader.country(data.get("country"), f"{where}.country", required=False)
    demonstration = reader.flag(data.get("demonstration"), f"{where}.demonstration")
    profile = VendorProfile(**texts, demonstration=demonstration)
    return profile if len(reader.problems) == noted else None


def vendor_to_mapping(profile: VendorProfile) -> dict[str, Any]:
    return asdict(profile)


def vendor_from_mapping(data: Mapping[str, Any]) -> VendorProfile:
    """The profile from our own storage."""
    return VendorProfile(**data)
