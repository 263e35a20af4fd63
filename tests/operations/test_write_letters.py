"""Letters from the database: the words of the mail of the same notice, to each its own."""

import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, update
from sqlalchemy.orm import Session

from subnotify.operations.mail_views import Moulds
from subnotify.operations.render_messages import load_texts
from subnotify.operations.write_letters import (
    BuiltLetter,
    build_letters,
    load_letters,
    merge_letters,
    render_letters,
)
from subnotify.operations.write_mails import NothingToSay
from subnotify.rules.errors import NotFound
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import (
    Channel,
    ContactKind,
    LetterProduct,
    LetterReason,
    LetterState,
    MessagePurpose,
    MessageState,
)
from subnotify.storage import claims
from subnotify.storage.tables import ClientRow, LetterRow, MessageRow, NoticeRow
from tests.operations.rendering import CONTEXT, serve
from tests.support.announced import Announced, add_client, add_notice_message, announce
from tests.support.announced_facts import FIFTEEN_DAYS, REGISTERED
from tests.support.letter_words import squeezed
from tests.support.paper import placed_texts
from tests.support.read_pdfs import read_pdf

ADDRESS = ["Élodie Lefèvre-Œuvrard", "Immeuble Le Grand Pavois", "12 rue X", "13008 Marseille"]
URL = "https://list.vendor.example"
_COUNTED = re.compile(
    r"^(It counts as received|For a notice|Vaut réception|Pour une notification)[^.]*\.$",
    re.MULTILINE,
)
FOOT = re.compile(r"Northwind Informatique · [\d-]+\s*Page \d+ \w+ \d+")


def add_letter(
    session: Session,
    made: Announced,
    key: str,
    *,
    at: datetime,
    product: LetterProduct = LetterProduct.PLAIN,
    reason: LetterReason = LetterReason.TERMS,
) -> int:
    notice = session.get_one(NoticeRow, made.notices[key])
    contact = made.contacts[key][0]
    message = MessageRow(
        logical_key=f"notice:{notice.id}:{contact}:post:1",
        purpose=MessagePurpose.NOTICE,
        channel=Channel.POST,
        notice_id=notice.id,
        contact_id=contact,
        contact_kind=ContactKind.NOTICE,
        language=notice.language,
        state=MessageState.QUEUED,
        queued_at=at,
    )
    session.add(message)
    session.flush()
    session.add(
        LetterRow(
            message_id=message.id,
            product=product,
            reason=reason,
            state=LetterState.QUEUED,
            address_lines=ADDRESS,
        )
    )
    session.commit()
    return message.id


def build(session: Session, ids: list[int], at: datetime) -> list[BuiltLetter]:
    return build_letters(session, ids, public_url=URL, vendor_time_zone="Europe/Paris", at=at)


def text_of(letter: BuiltLetter) -> str:
    """All that the pages say, without their feet, which stand within sentences."""
    return FOOT.sub("", "\n".join(read_pdf(letter.pdf).pages))


def mail_text(session: Session, at: datetime) -> str:
    due = claims.claim_due(
        session, by="test", until=at + timedelta(hours=1), limit=9, at=at
    ).messages
    return load_texts(session, due, CONTEXT, Moulds(), at=at)(due[0], "the-link").text


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("terms", [FIFTEEN_DAYS, REGISTERED, None])
@pytest.mark.parametrize("served", [False, True])
def test_the_printed_letter_says_all_that_the_mail_says(
    session: Session, at: datetime, language: str, terms: NoticeTerms | None, served: bool
) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at, terms=terms, language=language)
    letter_id = add_letter(session, made, "acme", at=at)
    add_notice_message(session, made, "acme", at=at)
    if served:
        serve(session, made.notices["acme"], at)
    session.commit()
    body, _, foot = mail_text(session, at).partition("\n-- \n")
    said = squeezed(text_of(build(session, [letter_id], at)[0]))
    # How a letter counts is its own matter, and it names no example of a day.
    body = _COUNTED.sub("", body)
    for line in [*body.splitlines(), *foot.replace(", ", "\n").splitlines()]:
        bare = squeezed(line).removeprefix("*").rstrip(":")
        if bare.strip("=-") and "the-link" not in bare:
            assert bare in said, line
    assert "2026-003-00001" in said


def test_each_letter_speaks_to_its_own_client(session: Session, at: datetime) -> None:
    made = announce(session, at=at)
    for key, language, terms in (
        ("acme", "fr", FIFTEEN_DAYS),
        ("beta", "en", REGISTERED),
        ("gamma", "fr", FIFTEEN_DAYS),
    ):
        add_client(session, made, key, at=at, language=language, terms=terms)
    ids = [add_letter(session, made, key, at=at) for key in ("gamma", "acme", "beta")]
    built = build(session, ids, at)
    assert [one.message_id for one in built] == ids
    names = ("Gamma SARL", "Acme SARL", "Beta SARL")
    for letter, name in zip(built, names, strict=True):
        text = text_of(letter)
        assert name in text
        assert not any(other in text for other in names if other != name)
        (token,) = re.findall(rf"{URL}/n/([\w-]{{43}})", squeezed(text))
        assert hashlib.sha256(token.encode()).hexdigest() == letter.link_digest
        assert hashlib.sha256(letter.pdf).hexdigest() == letter.digest
        assert letter.pages == len(read_pdf(letter.pdf).pages)
        assert letter.data.text.address[0] == name
    assert len({letter.link_digest for letter in built}) == 3


def test_the_same_data_are_the_same_bytes_and_each_call_mints_new_links(
    session: Session, at: datetime
) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at)
    ids = [add_letter(session, made, "acme", at=at)]
    data = load_letters(session, ids, public_url=URL, vendor_time_zone="Europe/Paris", at=at)
    first, second = render_letters(data), render_letters(data)
    assert [x.digest for x in first] == [x.digest for x in second]
    assert build(session, ids, at)[0].link_digest != first[0].link_digest
    assert render_letters([]) == []


def test_a_batch_is_the_pages_of_its_letters(session: Session, at: datetime) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at, language="fr")
    add_client(session, made, "beta", at=at, terms=REGISTERED)
    built = build(session, [add_letter(session, made, x, at=at) for x in ("acme", "beta")], at)
    merged = read_pdf(merge_letters(built, title="L-000042"))
    assert merged.pages == tuple(page for one in built for page in read_pdf(one.pdf).pages)
    assert merged.reader.page_labels == ["1", "2", "3"] * 2
    assert merged.reader.metadata is not None
    assert merged.reader.metadata.title == "L-000042"
    untitled = read_pdf(merge_letters(built)).reader.metadata
    assert untitled is not None
    assert "2026-003-00001" in str(untitled.title)
    assert "2026-003-00002" in str(untitled.title)


def test_the_address_is_in_the_window_and_the_country_abroad(
    session: Session, at: datetime
) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at)
    letter_id = add_letter(session, made, "acme", at=at)
    session.execute(update(ClientRow).values(country="DE"))
    session.commit()
    (letter,) = build(session, [letter_id], at)
    shown = [x for x in placed_texts(letter.pdf) if 100 <= x.x <= 190 and 45 < x.y < 79]
    assert [x.text for x in shown] == [
        "Acme SARL",
        *ADDRESS[:-1],
        "13008 MARSEILLE",
        "ALLEMAGNE",
    ]


@pytest.mark.parametrize(
    ("product", "said"),
    [
        (LetterProduct.PLAIN, ""),
        (LetterProduct.REGISTERED, "Registered letter with acknowledgement of receipt"),
        (LetterProduct.REGISTERED_ELECTRONIC, "Electronic registered letter"),
    ],
)
def test_a_registered_letter_says_so(
    session: Session, at: datetime, product: LetterProduct, said: str
) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at)
    (letter,) = build(session, [add_letter(session, made, "acme", at=at, product=product)], at)
    assert letter.data.text.own["mention"] == said
    assert said in read_pdf(letter.pdf).pages[0]


def test_a_letter_of_the_ladder_says_why_it_comes(session: Session, at: datetime) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at)
    reason = LetterReason.DEAD_ADDRESS
    (letter,) = build(session, [add_letter(session, made, "acme", at=at, reason=reason)], at)
    assert "because our email did not reach you" in " ".join(text_of(letter).split())


def test_characters_that_cannot_be_shown_are_told(session: Session, at: datetime) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at)
    letter_id = add_letter(session, made, "acme", at=at)
    assert not build(session, [letter_id], at)[0].has_missing
    session.execute(update(ClientRow).values(name="中文 GmbH #panic() $x$"))
    session.commit()
    (letter,) = build(session, [letter_id], at)
    assert letter.has_missing
    assert "\ufffd\ufffd GmbH #panic() $x$" in text_of(letter)


def test_what_is_no_letter_is_refused(session: Session, at: datetime) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at)
    mail_id = add_notice_message(session, made, "acme", at=at)
    session.commit()
    with pytest.raises(NotFound):
        build(session, [mail_id], at)
    letter_id = add_letter(session, made, "acme", at=at)
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == letter_id)
        .values(purpose=MessagePurpose.OBJECTION_ALARM)
    )
    session.commit()
    with pytest.raises(NothingToSay):
        build(session, [letter_id], at)


def test_more_letters_need_no_more_queries(session: Session, engine: Engine, at: datetime) -> None:
    made = announce(session, at=at)
    keys = ("acme", "beta", "gamma", "delta")
    for key in keys:
        add_client(session, made, key, at=at, terms=replace(FIFTEEN_DAYS))
    ids = [add_letter(session, made, key, at=at) for key in keys]

    def queries(of: list[int]) -> int:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        load_letters(session, of, public_url=URL, vendor_time_zone="Europe/Paris", at=at)
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    assert queries(ids) == queries(ids[:1])
