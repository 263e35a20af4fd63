"""Words by which cases are found: kept with the names, read by their beginnings."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from subnotify.rules.search_words import first_after, words_of
from subnotify.storage.id_lists import among
from subnotify.storage.tables import (
    AgreementRow,
    AgreementWordRow,
    ChangeRow,
    ChangeWordRow,
    ClientRow,
    ReleaseRow,
)

# A word that so many agreements have is asked of each case instead.
MOST_IDS = 1_000


@dataclass(frozen=True)
class Found:
    """What has a word that begins with `prefix`. agreement_ids: None where they are more than
    MOST_IDS. prefix: "" where several words were brought down to the agreements that have all."""

    prefix: str
    agreement_ids: Collection[int] | None
    change_ids: Collection[int]


def keep_agreement_words(session: Session, agreement_ids: Collection[int]) -> None:
    """Write the words of these agreements anew, from their clients' names and references."""
    rows = session.execute(
        select(AgreementRow.id, ClientRow.name, AgreementRow.reference)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(among(AgreementRow.id, agreement_ids))
    ).all()
    session.execute(
        delete(AgreementWordRow).where(among(AgreementWordRow.agreement_id, agreement_ids))
    )
    _insert(
        session,
        AgreementWordRow,
        [
            {"word": word, "agreement_id": row.id}
            for row in rows
            for word in words_of(row.name, row.reference, f"{row.id:05d}")
        ],
    )


def keep_change_words(session: Session, release_id: int) -> None:
    """Write the words of a release's changes: their subprocessors' names and its number."""
    rows = session.execute(
        select(ChangeRow.id, ChangeRow.facts, ReleaseRow.number)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .where(ReleaseRow.id == release_id)
    ).all()
    session.execute(
        delete(ChangeWordRow).where(among(ChangeWordRow.change_id, [row.id for row in rows]))
    )
    _insert(
        session,
        ChangeWordRow,
        [
            {"word": word, "change_id": row.id}
            for row in rows
            for word in words_of(str((row.facts or {}).get("name", "")), row.number or "")
        ],
    )


def find_words(session: Session, typed: Sequence[str]) -> Sequence[Found]:
    """What has words that begin so; all of them must be met. Two queries at most."""
    if not typed:
        return ()
    parts = [
        query
        for number, prefix in enumerate(typed)
        for query in (
            _having(number, AgreementWordRow.agreement_id, AgreementWordRow.word, prefix),
            _having(number, ChangeWordRow.change_id, ChangeWordRow.word, prefix),
        )
    ]
    found: dict[tuple[int, str], list[int]] = {}
    # Up to a thousand of each word: taken all at once.
    for number, kind, named in session.execute(union_all(*parts)).all():
        found.setdefault((number, kind), []).append(named)
    return _narrowed(session, [_found(found, *word) for word in enumerate(typed)])


def _narrowed(session: Session, found: Sequence[Found]) -> Sequence[Found]:
    """Where few agreements have one of the words, the others are asked of these alone."""
    alone = [one for one in found if not one.change_ids]
    rare = [set(one.agreement_ids) for one in alone if one.agreement_ids is not None]
    if not rare:
        return found
    ids = set.intersection(*rare)
    common = [
        exists().where(
            AgreementWordRow.agreement_id == AgreementRow.id,
            begins_so(one.prefix, AgreementWordRow.word),
        )
        for one in alone
        if one.agreement_ids is None
    ]
    if common:
        ids = set(
            session.scalars(select(AgreementRow.id).where(among(AgreementRow.id, ids), *common))
        )
    return [Found("", ids, ()), *(one for one in found if one.change_ids)]


def begins_so(prefix: str, word: Any) -> ColumnElement[bool]:
    """A range of the words' index."""
    return and_(word >= prefix, word < first_after(prefix))


def _found(found: Mapping[tuple[int, str], list[int]], number: int, prefix: str) -> Found:
    agreements = found.get((number, "agreement_id"), [])
    return Found(
        prefix,
        None if len(agreements) > MOST_IDS else agreements,
        found.get((number, "change_id"), []),
    )


def _having(number: int, column: InstrumentedAttribute[int], word: Any, prefix: str) -> Select[Any]:
    ids = (
        select(column.label("named"))
        .where(begins_so(prefix, word))
        .distinct()
        .limit(MOST_IDS + 1)
        .subquery()
    )
    return select(literal(number).label("number"), literal(column.key).label("kind"), ids.c.named)


def _insert(session: Session, table: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    rows = list(rows)
    if rows:
        session.execute(insert(table), rows)
