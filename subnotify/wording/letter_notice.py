"""The notice as a letter: the facts and sentences of the mail (`mail_notice`), on paper."""

from collections.abc import Sequence
from typing import Any

from subnotify.rules.words import LetterReason
from subnotify.wording import letter_blocks as blocks
from subnotify.wording.language import Wording
from subnotify.wording.letter_answers import answer_pages
from subnotify.wording.letter_blocks import Block
from subnotify.wording.letter_parts import page_words, sender_parts
from subnotify.wording.mail_notice import ChangeView, NoticeFacts, notice_values


def notice_letter(
    facts: NoticeFacts,
    w: Wording,
    *,
    reason: LetterReason | None = None,
    client_country: str = "",
) -> dict[str, Any]:
    """What letters of a notice to several contacts have in common. reason: why it is a letter,
    where that is worth saying. client_country: ISO 3166-1, from where the client answers; "" where
    unknown, which is taken for the vendor's."""
    said = notice_values(facts, w)
    answers = answer_pages(facts, w, client_country=client_country)
    return {
        "language": w.language,
        "title": said["title"],
        "sender": sender_parts(facts.vendor, w),
        "blocks": [
            *_opening(said, reason, w),
            *_deadline(said, w),
            *_silence(said, w),
            *_objection(said, answers, w),
            *(block for change in said["changes"] for block in _change(change, w)),
            *_reasons(said, w),
            *_demonstration(facts, w),
        ],
        "answers": answers,
        "page-words": page_words(w),
    }


def _opening(said: dict[str, Any], reason: LetterReason | None, w: Wording) -> list[Block]:
    return [
        blocks.text(said["standing"]),
        *blocks.texts(_why_a_letter(reason, w)),
        *blocks.texts(said["corrects"]),
        blocks.items(change.title for change in said["changes"]),
        *blocks.texts(said["withdrawn"]),
    ]


def _why_a_letter(reason: LetterReason | None, w: Wording) -> tuple[str, ...]:
    if reason is LetterReason.DEAD_ADDRESS:
        return (
            w.gettext(
                "We send it by post because our email did not reach you: please tell us an email"
                " address that does."
            ),
        )
    if reason is LetterReason.NO_PROOF:
        return (
            w.gettext(
                "We send it by post because nothing proves that you received our email of the same"
                " content."
            ),
        )
    return ()


def _deadline(said: dict[str, Any], w: Wording) -> list[Block]:
    first, *others = said["deadline"]
    if said["is_request"]:
        title = w.gettext("Until when you can answer")
    elif said["objection"]:
        title = w.gettext("Until when you can object")
    else:
        title = w.gettext("Your right to object")
    return [
        blocks.heading(title),
        blocks.strong(first),
        *blocks.texts(others),
        blocks.heading(w.gettext("Your answer")),
        blocks.link(
            said["link_sentence"],
            [
                w.gettext("The camera of a telephone opens it from the code."),
                w.gettext("Whoever has this link can answer in your name: do not pass it on."),
            ],
            w.gettext("The link as a code for the camera of a telephone"),
        ),
    ]


def _silence(said: dict[str, Any], w: Wording) -> list[Block]:
    if not said["silence"]:
        return []
    title = (
        w.gettext("What no answer means")
        if said["is_request"]
        else w.gettext("What silence means under your agreement")
    )
    found = [blocks.heading(title), *blocks.texts((*said["silence"], said["clause"]))]
    if said["quotation"]:
        found.append(blocks.quote(w.gettext("“%(words)s”", words=said["quotation"])))
    return found


def _objection(said: dict[str, Any], answers: Sequence[Block], w: Wording) -> list[Block]:
    if not said["objection"]:
        return []
    title = (
        w.gettext("How to refuse, and what it leads to")
        if said["is_request"]
        else w.gettext("How to object, and what it leads to")
    )
    return [
        blocks.heading(title),
        *blocks.texts(said["objection"]),
        *blocks.texts(page["announced"] for page in answers),
    ]


def _change(change: ChangeView, w: Wording) -> list[Block]:
    found = [blocks.heading(change.title)]
    found += [blocks.strong(sentence) for sentence in change.restriction]
    found += blocks.texts([change.note])
    if change.changed:
        head = (w.gettext("What changes"), w.gettext("Now"), w.gettext("From then on"))
        found.append(blocks.facts(change.changed, head))
        found.append(blocks.text(w.gettext("What stays as it is:")))
    found.append(blocks.facts(change.rows))
    if not change.is_covered:
        found.append(
            blocks.text(
                w.gettext(
                    "Your agreement gives no right to object to this kind of change: you are"
                    " informed of it."
                )
            )
        )
    return found


def _reasons(said: dict[str, Any], w: Wording) -> list[Block]:
    found = [
        blocks.heading(w.gettext("Reason for the change")),
        *blocks.texts([said["reason"], said["paragraph"]]),
    ]
    if said["emergency"]:
        found.append(blocks.heading(w.gettext("Why this comes at short notice")))
        found += blocks.texts(said["emergency"])
    return found


def _demonstration(facts: NoticeFacts, w: Wording) -> list[Block]:
    if not facts.vendor.demonstration:
        return []
    return [
        blocks.soft(w.gettext("This is a demonstration: the vendor and its clients are invented."))
    ]
