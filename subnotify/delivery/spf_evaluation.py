"""SPF (RFC 7208) as its readers evaluate it: what a record costs them, and whom it covers."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum

from subnotify.delivery.dns_lookups import Ask, Looked, LookupState, RecordType
from subnotify.delivery.spf_records import (
    Directive,
    IpAddress,
    Mechanism,
    SpfRecord,
    SpfSyntaxError,
    is_spf,
    read_spf,
)

MOST_LOOKUPS = 10  # RFC 7208, 4.6.4
MOST_VOID = 2
MOST_EXCHANGES = 10
_COUNTED_UP_TO = 40
_ASKING = frozenset({Mechanism.INCLUDE, Mechanism.A, Mechanism.MX, Mechanism.PTR, Mechanism.EXISTS})


class SpfResult(StrEnum):
    """Of one address. unknown: it depends on who writes to whom (macros), or nobody answered."""

    PASS = "pass"
    FAIL = "fail"
    SOFT_FAIL = "softfail"
    NEUTRAL = "neutral"
    ERROR = "permerror"
    UNKNOWN = "unknown"


_RESULTS = {
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFT_FAIL,
    "?": SpfResult.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class SpfTexts:
    """The SPF records at a name, or how the question for them ended."""

    looked: Looked
    texts: tuple[str, ...]


@dataclass
class SpfCost:
    """What reading a record whole asks of its readers.

    lookups: terms that ask name servers, over all includes and redirects; capped at 40. voids:
    names without records. missing: targets without an SPF record of their own, or with several.
    wrong: (domain, term). looped: targets that lead back. crowded: names with too many exchanges.
    all_qualifier: of the record that decides last, "" where none does.
    """

    lookups: int = 0
    voids: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    looped: list[str] = field(default_factory=list)
    crowded: list[str] = field(default_factory=list)
    unanswered: list[Looked] = field(default_factory=list)
    ptr_at: list[str] = field(default_factory=list)
    all_qualifier: str = ""


def list_spf(domain: str, ask: Ask) -> SpfTexts:
    looked = ask(domain, RecordType.TXT)
    return SpfTexts(looked, tuple(text for text in looked.values if is_spf(text)))


def spf_cost(domain: str, record: SpfRecord, ask: Ask) -> SpfCost:
    """Follow every include and redirect of a domain's record. Ends also where they are endless."""
    cost = SpfCost()
    _follow(domain, record, (domain,), cost, ask)
    cost.all_qualifier = _last_word(record, ask)
    return cost


def _follow(domain: str, record: SpfRecord, path: tuple[str, ...], cost: SpfCost, ask: Ask) -> None:
    for directive in record.directives:
        if directive.mechanism in _ASKING and cost.lookups < _COUNTED_UP_TO:
            cost.lookups += 1
            _count(domain, directive, path, cost, ask)
    if record.redirect and cost.lookups < _COUNTED_UP_TO:
        cost.lookups += 1
        if "%" not in record.redirect:
            _follow_target(record.redirect, path, cost, ask)


def _count(
    domain: str, directive: Directive, path: tuple[str, ...], cost: SpfCost, ask: Ask
) -> None:
    if directive.mechanism is Mechanism.PTR:
        cost.ptr_at.append(domain)
        return
    if directive.has_macro:
        return  # it depends on the sender: it is counted, and not asked
    target = directive.domain or domain
    if directive.mechanism is Mechanism.INCLUDE:
        _follow_target(target, path, cost, ask)
    elif directive.mechanism is Mechanism.MX:
        looked = ask(target, RecordType.MX)
        _note(looked, cost)
        if len(looked.values) > MOST_EXCHANGES:
            cost.crowded.append(target)
    elif directive.mechanism is Mechanism.EXISTS:
        _note(ask(target, RecordType.A), cost)
    else:
        found = [ask(target, kind) for kind in (RecordType.A, RecordType.AAAA)]
        if all(one.is_void for one in found):
            _note(found[0], cost)
        elif not any(one.state is LookupState.FOUND for one in found):
            _note(next(one for one in found if one.is_unanswered), cost)


def _note(looked: Looked, cost: SpfCost) -> None:
    if looked.is_void:
        cost.voids.append(looked.name)
    elif looked.is_unanswered:
        cost.unanswered.append(looked)


def _follow_target(target: str, path: tuple[str, ...], cost: SpfCost, ask: Ask) -> None:
    name = target.casefold().rstrip(".")
    if name in path:
        cost.looped.append(target)
        return
    found = list_spf(name, ask)
    _note(found.looked, cost)
    if found.looked.is_unanswered:
        return
    if len(found.texts) != 1:
        cost.missing.append(target)
        return
    try:
        record = read_spf(found.texts[0])
    except SpfSyntaxError as error:
        cost.wrong.append((target, error.term))
        return
    _follow(name, record, (*path, name), cost, ask)


def _last_word(record: SpfRecord, ask: Ask) -> str:
    """The qualifier of `all` in the record, or in the one that its redirects lead to."""
    for _ in range(MOST_LOOKUPS):
        if record.all_qualifier or not record.redirect or "%" in record.redirect:
            return record.all_qualifier
        texts = list_spf(record.redirect, ask).texts
        try:
            record = read_spf(texts[0]) if len(texts) == 1 else SpfRecord("", ())
        except SpfSyntaxError:
            return ""
    return ""


def spf_result(domain: str, address: IpAddress, ask: Ask) -> SpfResult:
    """What a reader makes of a mail from `address` with an envelope sender at `domain`."""
    return _Evaluation(address, ask).result(domain)


class _Evaluation:
    def __init__(self, address: IpAddress, ask: Ask) -> None:
        self._address = address
        self._ask = ask
        self._left = MOST_LOOKUPS

    def result(self, domain: str) -> SpfResult:
        found = list_spf(domain, self._ask)
        if found.looked.is_unanswered:
            return SpfResult.UNKNOWN
        if len(found.texts) != 1:
            return SpfResult.ERROR
        try:
            record = read_spf(found.texts[0])
        except SpfSyntaxError:
            return SpfResult.ERROR
        for directive in record.directives:
            matches = self._matches(domain, directive)
            if isinstance(matches, SpfResult):
                return matches
            if matches:
                return _RESULTS[directive.qualifier]
        if not record.redirect:
            return SpfResult.NEUTRAL
        return self._target(record.redirect)

    def _target(self, target: str) -> SpfResult:
        self._left -= 1
        if self._left < 0:
            return SpfResult.ERROR
        return SpfResult.UNKNOWN if "%" in target else self.result(target)

    def _matches(self, domain: str, directive: Directive) -> bool | SpfResult:
        """Whether it matches, or the result that ends the whole evaluation."""
        if directive.mechanism is Mechanism.ALL:
            return True
        if directive.network is not None:
            return self._address in directive.network
        if directive.mechanism is Mechanism.INCLUDE:
            of_target = self._target(directive.domain)
            if of_target in (SpfResult.ERROR, SpfResult.UNKNOWN):
                return of_target
            return of_target is SpfResult.PASS
        self._left -= 1
        if self._left < 0:
            return SpfResult.ERROR
        if directive.has_macro or directive.mechanism is Mechanism.PTR:
            return SpfResult.UNKNOWN
        target = directive.domain or domain
        if directive.mechanism is Mechanism.EXISTS:
            return self._ask(target, RecordType.A).state is LookupState.FOUND
        hosts = [target]
        if directive.mechanism is Mechanism.MX:
            exchanges = self._ask(target, RecordType.MX).values[:MOST_EXCHANGES]
            hosts = [value.partition(" ")[2] for value in exchanges]
        return any(self._is_at(host, directive.prefixes) for host in hosts)

    def _is_at(self, host: str, prefixes: tuple[int, int]) -> bool:
        is_four = self._address.version == 4
        looked = self._ask(host, RecordType.A if is_four else RecordType.AAAA)
        prefix = prefixes[0] if is_four else prefixes[1]
        return any(
            self._address in ipaddress.ip_network(f"{value}/{prefix}", strict=False)
            for value in looked.values
        )
