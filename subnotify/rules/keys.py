"""Keys made from names, for entries that a person adds without choosing one."""

import re
import unicodedata

LONGEST = 60


def key_from_name(name: str, otherwise: str = "entry") -> str:
    """A key for a new entry: "Crédit & Co." becomes "credit-co"; `otherwise` if nothing is left."""
    key = re.sub(r"[^a-z0-9]+", "-", plain_letters(name)).strip("-")
    return key[:LONGEST].strip("-") or otherwise


def plain_letters(text: str) -> str:
    """Small letters without their accents: what people look names up by."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(x for x in folded if not unicodedata.combining(x))
