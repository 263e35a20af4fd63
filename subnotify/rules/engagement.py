"""The chain of engagement: a subprocessor of which subprocessor."""

from collections.abc import Mapping


def leads_back(key: str, engaged_by: str, engagers: Mapping[str, str]) -> bool:
    """Whether who would engage an entry is, through others, engaged by that entry itself.

    engagers: by the key of each entry the key of the one that engages it, "" for the vendor.
    """
    seen: set[str] = set()
    while engaged_by and engaged_by not in seen:
        if engaged_by == key:
            return True
        seen.add(engaged_by)
        engaged_by = engagers.get(engaged_by, "")
    return False
