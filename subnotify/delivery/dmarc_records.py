"""DMARC records, and the organisational domain found without a list of public suffixes.

RFC 9989, 4.10: the names above a domain are asked one by one (a tree walk). RFC 7489 took the
organisational domain from a list of public suffixes; where a domain and the names above it publish
what they should, both find the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from subnotify.delivery.dns_lookups import Ask, Looked, LookupState, RecordType
from subnotify.delivery.dns_tags import TagSyntaxError, read_tags

_VERSION = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_LONGEST_WALK = 8


class HowFound(StrEnum):
    """itself: no name above it has a record. record: the highest name with one. psd: the domain
    says itself that it is one (psd=n). below_suffix: the name above is a public suffix (psd=y)."""

    ITSELF = "itself"
    RECORD = "record"
    PSD = "psd"
    BELOW_SUFFIX = "below_suffix"


@dataclass(frozen=True, slots=True)
class DmarcText:
    """What `_dmarc` of a domain says. texts: its DMARC records; readers use it if there is one."""

    domain: str
    looked: Looked
    texts: tuple[str, ...]

    @property
    def tags(self) -> Mapping[str, str]:
        """Of the only record; empty where there is none, several, or a broken one."""
        if len(self.texts) != 1:
            return {}
        try:
            return read_tags(self.texts[0])
        except TagSyntaxError:
            return {}


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisational domain of a domain, how it was found, and its record (None: it has
    none). unanswered: a question of the walk to which nobody answered."""

    domain: str
    how: HowFound
    record: DmarcText | None
    unanswered: Looked | None = None


def find_dmarc(domain: str, ask: Ask) -> DmarcText:
    """The DMARC records that stand at `_dmarc` of exactly this domain."""
    looked = ask(f"_dmarc.{domain}", RecordType.TXT)
    return DmarcText(domain, looked, tuple(x for x in looked.values if _VERSION.match(x)))


def find_report_consent(domain: str, host: str, ask: Ask) -> Looked:
    """What `host` says of taking reports about `domain`; void where it says nothing of the kind."""
    looked = ask(f"{domain}._report._dmarc.{host}", RecordType.TXT)
    if looked.values and not any(_VERSION.match(text) for text in looked.values):
        return replace(looked, state=LookupState.EMPTY, values=())
    return looked


def find_organisation(domain: str, ask: Ask) -> Organisation:
    """Walk up from `domain` (RFC 9989, 4.10)."""
    best: DmarcText | None = None
    unanswered: Looked | None = None
    for name in _names_above(domain):
        found = find_dmarc(name, ask)
        if found.looked.is_unanswered:
            unanswered = unanswered or found.looked
        if len(found.texts) != 1:
            continue
        suffix = found.tags.get("psd", "u").lower()
        if suffix == "n":
            return Organisation(name, HowFound.PSD, found, unanswered)
        if suffix == "y" and name != domain:
            below = _one_label_below(name, domain)
            own = find_dmarc(below, ask)
            record = own if len(own.texts) == 1 else None
            return Organisation(below, HowFound.BELOW_SUFFIX, record, unanswered)
        best = found
    if best is None:
        return Organisation(domain, HowFound.ITSELF, None, unanswered)
    how = HowFound.ITSELF if best.domain == domain else HowFound.RECORD
    return Organisation(best.domain, how, best, unanswered)


def _names_above(domain: str) -> Iterator[str]:
    """The domain, then the names above it down to the last label; 8 at most."""
    yield domain
    labels = domain.split(".")[1:][-(_LONGEST_WALK - 1) :]
    while labels:
        yield ".".join(labels)
        labels = labels[1:]


def _one_label_below(name: str, domain: str) -> str:
    labels = domain.split(".")
    return ".".join(labels[-(name.count(".") + 2) :])
