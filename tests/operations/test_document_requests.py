"""Written requests for the list: recorded once, answered with a sealed document, never edited."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.answer_request import prepare_document, record_answer
from subnotify.operations.append_evidence import verify_evidence
from subnotify.operations.commence_changes import commence_changes
from subnotify.operations.keep_document import open_document
from subnotify.operations.record_request import record_request
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.show_list_document import render_client_list
from subnotify.rules.document_requests import (
    ListNotPublished,
    NewRequest,
    NothingPrepared,
    RequestAnswered,
)
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.words import IncomingLetterKind, ResponseChannel, SettlementKind
from subnotify.storage.database import session_factory
from subnotify.storage.document_requests import (
    RequestList,
    count_open_requests,
    get_request,
    load_request_page,
)
from subnotify.storage.tables import (
    AgreementRow,
    DocumentRequestRow,
    DocumentRow,
    EvidenceContentRow,
    EvidenceRow,
    IncomingLetterRow,
)
from tests.operations.blocked_world import SWISS, case_under, close_all, serve_all
from tests.operations.desk import LEGAL
from tests.support.list_documents import add_version
from tests.support.read_pdfs import read_pdf
from tests.support.release_world import PARIS, ReleaseWorld
from tests.support.settings import SEAL_KEY

KEY = SealKey(SEAL_KEY)
DAY = timedelta(days=1)
EMAIL = ResponseChannel.REPLY


@pytest.fixture
def world(session, at) -> ReleaseWorld:
    world = ReleaseWorld(session, at=at)
    add_version(session, 1, at=at)
    return world


def a_request(agreement: int, at, **changed) -> NewRequest:
    today = at.astimezone(PARIS).date()
    asked = NewRequest(agreement, ResponseChannel.POST, today, "Camille Perrin", today, "en")
    return replace(asked, **changed)


def record(session: Session, request: NewRequest, at) -> int:
    return record_request(session, request, zone=PARIS, at=at, **LEGAL)


def prepare(session: Session, request_id: int, at, seen: int | None = None) -> int:
    return prepare_document(
        session, request_id, in_place_of=seen, zone=PARIS, seal_key=KEY, at=at, **LEGAL
    )


def answer(session: Session, request_id: int, document: int, at, **changed) -> None:
    given = {"through": EMAIL, "given_on": at.astimezone(PARIS).date(), **changed}
    record_answer(session, request_id, document_id=document, zone=PARIS, at=at, **given, **LEGAL)


def found(session: Session, request_id: int):
    try:
        return get_request(session, request_id)
    finally:
        session.rollback()


def evidence_of(session: Session, request_id: int) -> list[tuple[str, dict]]:
    rows = session.execute(
        select(EvidenceRow.id, EvidenceRow.type, EvidenceContentRow.content)
        .join(EvidenceContentRow, EvidenceContentRow.evidence_id == EvidenceRow.id)
        .where(EvidenceRow.object_type == "document_request", EvidenceRow.object_id == request_id)
        .order_by(EvidenceRow.id)
    ).all()
    assert all(verify_evidence(session, row.id) for row in rows)
    session.rollback()
    return [(row.type, row.content) for row in rows]


def test_what_is_given_is_what_is_kept(session, world, at):
    agreement = world.add_agreement()
    world.add_listed("orage", services=("mail",))
    session.commit()
    request_id = record(session, a_request(agreement, at, note="by registered letter"), at)
    assert count_open_requests(session) == 1
    document = prepare(session, request_id, at + DAY)
    kept, octets = open_document(session, document, keys=[KEY])
    session.rollback()
    assert kept.media_type == "application/pdf"
    assert kept.digest == hashlib.sha256(octets).hexdigest()
    text = read_pdf(octets).text
    assert "Orage Hébergement SAS" in text and "D-000001, of Camille Perrin" in text
    # The day asked for was over when it was drawn up.
    assert "applied when 2 March 2026 ended" in text
    later = at + 2 * DAY
    answer(session, request_id, document, later)
    # The same form again changes nothing.
    answer(session, request_id, document, later + DAY, given_on=later.astimezone(PARIS).date())
    one = found(session, request_id)
    assert (one.answered_at, one.answered_by, one.answered_on) == (
        later,
        "Lea Legal",
        later.astimezone(PARIS).date(),
    )
    assert (one.answered_through, one.document_id, one.list_version) == (EMAIL, document, "1")
    assert one.digest == kept.digest
    assert count_open_requests(session) == 0
    session.rollback()
    said = evidence_of(session, request_id)
    assert [x for x, _ in said] == ["document_requested", "document_prepared", "document_given"]
    assert said[1][1]["digest"] == said[2][1]["digest"] == kept.digest
    assert said[1][1]["list_version"] == 1


def test_what_was_given_is_never_edited(session, world, at):
    request_id = record(session, a_request(world.add_agreement(), at), at)
    document = prepare(session, request_id, at)
    answer(session, request_id, document, at)
    before = found(session, request_id)
    with pytest.raises(RequestAnswered):
        prepare(session, request_id, at + DAY, seen=document)
    with pytest.raises(RequestAnswered):
        answer(session, request_id, document, at + DAY, through=ResponseChannel.POST)
    assert found(session, request_id) == before
    # To answer again is a request of its own, also where it says the same.
    again = record(session, a_request(before.agreement_id, at), at + DAY)
    assert again != request_id
    second = prepare(session, again, at + DAY)
    answer(session, again, second, at + DAY)
    assert found(session, request_id) == before
    page = load_request_page(session, RequestList.ANSWERED)
    assert [x.id for x in page.requests] == [again, request_id]


def test_before_it_is_given_it_can_be_prepared_anew(session, world, at):
    request_id = record(session, a_request(world.add_agreement(), at), at)
    first = prepare(session, request_id, at)
    # Pressed twice: the second one saw no document.
    assert prepare(session, request_id, at + timedelta(seconds=1)) == first
    world.add_listed("orage", services=("mail",))
    session.commit()
    add_version(session, 2, at=at + timedelta(hours=1))
    second = prepare(session, request_id, at + timedelta(hours=2), seen=first)
    assert second != first
    with pytest.raises(NothingPrepared):
        answer(session, request_id, first, at + DAY)
    answer(session, request_id, second, at + DAY)
    assert found(session, request_id).list_version == "2"
    # The first one is still there, sealed, and its evidence names it.
    assert open_document(session, first, keys=[KEY])[0].id == first
    session.rollback()
    prepared = [content for type, content in evidence_of(session, request_id)][1:3]
    assert [x["in_place_of"] for x in prepared] == [None, first]


def test_an_answer_needs_a_document_and_a_day_that_can_be(session, world, at):
    agreement = world.add_agreement()
    one, other = (record(session, a_request(agreement, at, note=x), at) for x in ("a", "b"))
    with pytest.raises(NothingPrepared):
        answer(session, one, 1, at)
    foreign = prepare(session, other, at)
    with pytest.raises(NothingPrepared):
        answer(session, one, foreign, at)
    own = prepare(session, one, at + DAY)
    for given_on in (at.date(), at.date() + 2 * DAY):
        with pytest.raises(ProblemsFound) as refused:
            answer(session, one, own, at + DAY, given_on=given_on)
        assert [x.where for x in refused.value.problems] == ["given_on"]
    with pytest.raises(ProblemsFound):
        answer(session, one, own, at + DAY, through=ResponseChannel.LINK)
    with pytest.raises(NotFound):
        answer(session, 9_999, own, at)
    with pytest.raises(NotFound):
        prepare(session, 9_999, at)
    assert found(session, one).answered_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", ResponseChannel.LINK),
        ("requested_on", date(2026, 3, 3)),
        ("as_of_on", date(2026, 3, 3)),
        ("requested_by", "   "),
        ("requested_by", "x" * 201),
        ("note", "x" * 5001),
        ("language", "de"),
    ],
)
def test_what_cannot_be_recorded_says_where(session, world, at, field, value):
    asked = a_request(world.add_agreement(), at, **{field: value})
    with pytest.raises(ProblemsFound) as refused:
        record(session, asked, at)
    assert [x.where for x in refused.value.problems] == [field]
    assert session.scalar(select(func.count(DocumentRequestRow.id))) == 0


def test_a_form_sent_twice_is_one_request(engine, session, world, at):
    asked = a_request(world.add_agreement(), at)
    start, ids = Barrier(2), []

    def send() -> None:
        with session_factory(engine)() as own:
            start.wait()
            ids.append(record(own, asked, at))

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 2 and len(set(ids)) == 1
    assert record(session, replace(asked, note="another"), at) != ids[0]
    with pytest.raises(NotFound):
        record(session, replace(asked, agreement_id=9_999), at)


def add_letter(session: Session, client_id: int | None, at) -> int:
    row = IncomingLetterRow(
        kind=IncomingLetterKind.DOCUMENT_REQUEST.value,
        channel=ResponseChannel.POST.value,
        received_on=at.date(),
        client_id=client_id,
        recorded_at=at,
        recorded_by="Lea Legal",
    )
    session.add(row)
    session.commit()
    return row.id


def test_a_letter_belongs_to_the_client_that_asks(session, world, at):
    agreement, other = world.add_agreement(), world.add_agreement()
    client_id = session.get_one(AgreementRow, agreement).client_id
    own, unknown = add_letter(session, client_id, at), add_letter(session, None, at)
    request_id = record(session, a_request(agreement, at, incoming_letter_id=own), at)
    assert found(session, request_id).incoming_letter_id == own
    record(session, a_request(other, at, incoming_letter_id=unknown), at)
    with pytest.raises(ProblemsFound) as refused:
        record(session, a_request(other, at, incoming_letter_id=own), at)
    assert [x.where for x in refused.value.problems] == ["incoming_letter_id"]
    with pytest.raises(NotFound):
        record(session, a_request(other, at, incoming_letter_id=9_999), at)


def text_of(session: Session, agreement: int, at, on: date | None = None) -> str:
    day = on or at.astimezone(PARIS).date()
    rendered = render_client_list(session, agreement, on=day, language="en", zone=PARIS, at=at)
    session.rollback()
    return read_pdf(rendered.raw).text


def announce(world: ReleaseWorld) -> None:
    """Orage replaces Vieux Port; its change commences by itself sixty days on."""
    change = world.add_change("orage", services=("mail",), replaces="vieux-port")
    release = world.draft([change], commences_by_itself=True)
    world.approve(release)
    world.release(release)


def test_the_document_is_the_clients_own(session, world, at):
    free, swiss = world.add_agreement(), world.add_agreement(terms=SWISS)
    refusing, other = world.add_agreement(), world.add_agreement(services=("helpdesk",))
    announce(world)
    early = text_of(session, free, at)
    assert "Announced changes" in early and "will replace" in early
    assert "Release 2026-001, announced on 2 March 2026." in early
    assert "version 1 of 2 March 2026, latest release 2026-001" in early
    # France is closed to the Swiss one, now and then; the fourth buys nothing that it helps with.
    assert text_of(session, swiss, at).count("does not allow processing in: France") == 2
    assert "Announced changes" not in text_of(session, other, at)
    assert "None: no entry of the list is used" in text_of(session, other, at)
    serve_all(session, at)
    decision = Settlement(SettlementKind.ACCOMMODATED, "kept on the old host")
    settle_objection(session, case_under(session, refusing), decision, **LEGAL, at=at + DAY)
    close_all(session, case_under(session, free))
    told = text_of(session, refusing, at + 60 * DAY)
    assert "Announced changes" in told and "An objection was met: it is not used" in told
    then = at + 61 * DAY
    assert len(commence_changes(session, zone=PARIS, at=then)) == 1
    after = text_of(session, free, then)
    assert "Announced changes" not in after and "version 1 of" not in after
    kept = text_of(session, refusing, then)
    assert "Kept for this client; phased out for the others" in kept
    assert "On the published list, but not used for this client" in kept
    # The list of the day of the release, asked for today.
    past = text_of(session, free, then, on=at.astimezone(PARIS).date())
    assert "Announced changes" in past and "version 1 of 2 March 2026" in past


def test_before_the_first_publication_there_is_no_list(session, world, at):
    agreement = world.add_agreement()
    with pytest.raises(ListNotPublished):
        text_of(session, agreement, at, on=at.date() - DAY)
    yesterday = at.date() - DAY
    request_id = record(session, a_request(agreement, at, as_of_on=yesterday), at)
    with pytest.raises(ListNotPublished):
        prepare(session, request_id, at)
    assert session.scalar(select(func.count(DocumentRow.id))) == 0


def test_after_its_end_an_agreement_has_nobody_on_its_list(session, world, at):
    agreement = world.add_agreement(ended_on=at.date() - 2 * DAY)
    world.add_listed("orage", services=("mail",))
    session.commit()
    text = text_of(session, agreement, at)
    assert "ended on 28 February 2026" in text
    assert "None: no entry of the list is used for this client." in text
