"""Country exceptions and blocked changes as the desk shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.operations.preview_countries import BlockedChange
from subnotify.storage.country_exceptions import RecordedException
from subnotify.wording.countries import countries_listed, country_word
from subnotify.wording.language import Wording

AGREEMENTS_SHOWN = 20


@dataclass(frozen=True)
class ExceptionView:
    """state: "valid", "later" or "over" on the day of the page."""

    id: int
    place: str
    subprocessor: str
    from_on: date
    until_on: date | None
    reference: str
    note: str
    recorded: str
    state: str


def exception_views(
    recorded: Sequence[RecordedException], names: Mapping[int, str], today: date, w: Wording
) -> list[ExceptionView]:
    """names: of subprocessors, by id."""
    return [_exception_view(one, names, today, w) for one in recorded]


def _exception_view(
    one: RecordedException, names: Mapping[int, str], today: date, w: Wording
) -> ExceptionView:
    exception = one.exception
    state = "valid" if exception.holds_on(today) else "over"
    if state == "over" and one.ended_at is None and today < exception.from_on:
        state = "later"
    return ExceptionView(
        id=one.id,
        place=country_word(exception.country, w),
        subprocessor=names.get(exception.subprocessor_id or 0, one.subprocessor or ""),
        from_on=exception.from_on,
        until_on=exception.until_on,
        reference=one.reference,
        note=one.note,
        recorded=w.gettext(
            "recorded on %(day)s by %(name)s",
            day=w.date(w.local(one.recorded_at).date()),
            name=one.recorded_by,
        ),
        state=state,
    )


@dataclass(frozen=True)
class BlockedView:
    """A change of a draft release that some agreements do not allow."""

    name: str
    places: str
    count: int
    agreements: tuple[tuple[int, str, str, str], ...]

    @property
    def more(self) -> int:
        return self.count - len(self.agreements)


def blocked_views(blocked: Sequence[BlockedChange], w: Wording) -> list[BlockedView]:
    """agreements: id, client, reference and countries of the first ones."""
    return [
        BlockedView(
            name=one.change.facts.name,
            places=countries_listed(one.countries, w),
            count=len(one.agreements),
            agreements=tuple(
                (
                    x.agreement.id,
                    x.agreement.client,
                    x.agreement.reference,
                    countries_listed(x.countries, w),
                )
                for x in one.agreements[:AGREEMENTS_SHOWN]
            ),
        )
        for one in blocked
    ]
