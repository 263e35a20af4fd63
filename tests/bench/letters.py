"""`letters`: a thousand letters in batches of a hundred, from the database to the merged PDF.

The limit is typst alone with the data of the same letters prepared beforehand: the same files, one
for each letter, by the same template and one compiler. Ours loads, words and writes the data,
mints the links, digests the bytes and merges each batch for the printer besides.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

import typst
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.queue_letters import queue_letters
from subnotify.operations.write_letters import build_letters, load_letters, merge_letters
from subnotify.resources import templates_folder
from subnotify.rules.words import Channel, LetterReason
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import LetterRow, NoticeRow
from tests.bench.measures import Measure, peak_rss_mib, seconds
from tests.support.letters import terms_by
from tests.support.many_agreements import add_many_agreements
from tests.support.release_world import REGISTERED, ReleaseWorld

LETTERS = 1_000
BATCH = 100
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def measure(kind: str, url: str) -> Measure:
    engine = create_engine_for(url)
    with session_factory(engine)() as session:
        ids = _queued(session)
        batches = [ids[at : at + BATCH] for at in range(0, LETTERS, BATCH)]
        parts, limits = [], []
        for number, batch in enumerate(batches):
            # Prepared round by round: all of it at once would count as memory of ours.
            ours, bare = _ours(session, batch), _bare(session, batch)
            if number % 2:
                limits.append(seconds(bare))
            parts.append(seconds(ours))
            if not number % 2:
                limits.append(seconds(bare))
        part, limit = median(parts), median(limits)
    engine.dispose()
    return Measure(
        measure="letters",
        database=kind,
        n=LETTERS,
        value=round(BATCH / part, 1),
        unit="letters/s",
        limit=round(BATCH / limit, 1),
        ratio=round(limit / part, 3),
        rss_mib=peak_rss_mib(),
    )


def _queued(session: Session) -> list[int]:
    """A thousand letters in two languages under two clauses: with a slip, with a termination."""
    world = ReleaseWorld(session, at=AT)
    terms = (terms_by(Channel.POST), terms_by(Channel.REGISTERED_POST, preset=REGISTERED))
    service_id = world.services["mail"].id
    add_many_agreements(session, LETTERS, service_id=service_id, terms=terms, copies=0, at=AT)
    release = world.draft([world.add_change("orage")])
    world.approve(release)
    world.release(release)
    notices = list(session.scalars(select(NoticeRow.id)))
    queue_letters(session, notices, LetterReason.TERMS, on=AT.date(), at=AT)
    session.commit()
    ids = list(session.scalars(select(LetterRow.message_id).order_by(LetterRow.message_id)))
    assert len(ids) == LETTERS, len(ids)
    return ids


def _ours(session: Session, batch: Sequence[int]) -> Callable[[], object]:
    at = AT + timedelta(hours=1)

    def build_and_merge() -> None:
        letters = build_letters(
            session,
            batch,
            public_url="https://list.vendor.example",
            vendor_time_zone="Europe/Paris",
            at=at,
        )
        session.rollback()
        assert merge_letters(letters).count(b"/Type/Page/") == sum(x.pages for x in letters)

    return build_and_merge


def _bare(session: Session, batch: Sequence[int]) -> Callable[[], object]:
    at = AT + timedelta(hours=2)
    prepared = [
        letter.text.written
        for letter in load_letters(
            session,
            batch,
            public_url="https://list.vendor.example",
            vendor_time_zone="Europe/Paris",
            at=at,
        )
    ]
    session.rollback()
    template = str(templates_folder() / "letters" / "letter.typ")

    def typeset() -> None:
        compiler = typst.Compiler(root=str(templates_folder()), ignore_system_fonts=True)
        for written in prepared:
            compiler.compile(
                input=template,
                sys_inputs={"data": written},
                format="pdf",
                pdf_standards=["a-2u"],
                timestamp=at,
            )

    return typeset
