"""What is told after a notice, as a letter: the sentences of the mail, on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from subnotify.rules.vendor import VendorProfile
from subnotify.wording import letter_blocks as blocks
from subnotify.wording.change_facts import FactRow
from subnotify.wording.clauses import quotation
from subnotify.wording.deadlines import deadline_sentence
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.letter_parts import page_words, sender_parts
from subnotify.wording.mail_closing import ClosingFacts, closing_steps, closing_title
from subnotify.wording.mail_extended import ExtendedFacts, extended_sentences
from subnotify.wording.mail_longer import LongerWindow
from subnotify.wording.mail_postponed import PostponedFacts, postponed_sentence
from subnotify.wording.mail_receipt import RecordedResponse, received_words, response_rows
from subnotify.wording.mail_steps import StepFacts, after_step, before_step, step_title
from subnotify.wording.mail_withdrawn import WithdrawnFacts, withdrawn_lead, withdrawn_sentences
from subnotify.wording.outcomes import outcome_sentences
from subnotify.wording.recomputations import new_step_sentences
from subnotify.wording.responses import letter_deadline_sentence, response_sentences
from subnotify.wording.window_steps import step_sentences


@dataclass(frozen=True)
class Told:
    """lead: what happened, in bold. quoted: words that are not ours. sections: each a title and
    its sentences; rows: what is on record; after: what follows. link: the sentence before the
    personal link."""

    title: str
    about: str
    lead: tuple[str, ...]
    sentences: tuple[str, ...]
    link: str
    quoted: str = ""
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rows: tuple[FactRow, ...] = ()
    after: tuple[str, ...] = ()


def told_letter(told: Told, vendor: VendorProfile, w: Wording) -> dict[str, Any]:
    """What letters that tell the same have in common."""
    found = [
        *blocks.texts([told.about]),
        *(blocks.strong(sentence) for sentence in told.lead),
        *blocks.texts(told.sentences),
    ]
    if told.quoted:
        found.append(blocks.quote(told.quoted))
    for title, sentences in told.sections:
        found += [blocks.heading(title), blocks.items(sentences)]
    if told.rows:
        found += [blocks.heading(w.gettext("What we recorded")), blocks.facts(told.rows)]
    found += blocks.texts(told.after)
    found.append(
        blocks.link(
            told.link,
            [
                w.gettext("The camera of a telephone opens it from the code."),
                w.gettext("Whoever has this link can answer in your name: do not pass it on."),
            ],
            w.gettext("The link as a code for the camera of a telephone"),
        )
    )
    if vendor.demonstration:
        found.append(
            blocks.soft(
                w.gettext("This is a demonstration: the vendor and its clients are invented.")
            )
        )
    return {
        "language": w.language,
        "title": told.title,
        "sender": sender_parts(vendor, w),
        "blocks": found,
        "answers": [],
        "page-words": page_words(w),
    }


def withdrawn_told(facts: WithdrawnFacts, w: Wording) -> Told:
    return Told(
        w.gettext("A change of subprocessor is withdrawn"),
        w.gettext("Change: %(change)s", change=facts.change_title),
        (withdrawn_lead(w),),
        withdrawn_sentences(facts, w, on_paper=True),
        w.gettext("The notice and what was answered to it:"),
    )


def postponed_told(facts: PostponedFacts, w: Wording) -> Told:
    runs = facts.closes_at is not None
    return Told(
        w.gettext("A change of subprocessor is postponed"),
        w.gettext("Change: %(change)s", change=facts.change_title),
        (postponed_sentence(facts, w),),
        (deadline_sentence(facts.closes_at, facts.zone, w),) if runs and facts.closes_at else (),
        _nothing_else(w),
    )


def closing_told(facts: ClosingFacts, w: Wording) -> Told:
    corrects = w.gettext(
        "This replaces what we wrote to you before about the outcome of this change."
    )
    steps = closing_steps(facts, w)
    outcome = w.gettext("Outcome: %(outcome)s", outcome=label(w, facts.outcome.outcome))
    return Told(
        closing_title(w),
        w.gettext("Change: %(change)s", change=facts.change_title),
        (corrects, outcome) if facts.corrects else (outcome,),
        outcome_sentences(facts.outcome, w),
        w.gettext("The notice and what was answered to it:"),
        quoted=quotation(facts.outcome.terms) if facts.window else "",
        sections=((w.gettext("How the objection period was counted"), steps),) if steps else (),
    )


def step_told(facts: StepFacts, w: Wording) -> Told:
    return Told(
        step_title(facts.kind, w),
        facts.change_title,
        tuple(before_step(facts, w)),
        tuple(facts.text.splitlines()),
        w.gettext("The notice and your objection:"),
        after=tuple(after_step(facts, w, on_paper=True)),
    )


def receipt_told(response: RecordedResponse, w: Wording) -> Told:
    not_valid = letter_deadline_sentence(response.facts, w)
    digest = FactRow(w.gettext("Digest"), (response.digest,))
    words = FactRow(w.gettext("Your words"), tuple(response.text.splitlines()))
    return Told(
        w.gettext("Receipt of your answer"),
        "",
        (not_valid,) if not_valid else (),
        (),
        w.gettext("Notice, letter and further answers:"),
        sections=(
            (w.gettext("What we took your answer as"), response_sentences(response.facts, w)),
        ),
        rows=(*response_rows(response, w), *((words,) if response.text else ()), digest),
        after=(
            w.gettext(
                "If nobody of your organisation meant to answer this, write to us: a person then"
                " looks at it. An objection stays valid meanwhile."
            ),
        ),
    )


def answer_told(response: RecordedResponse, reply: str, w: Wording, *, at: datetime) -> Told:
    """Our answer, with the deadline if it has not passed at `at`, and what was asked."""
    closes_at = response.facts.closes_at
    runs = closes_at is not None and at < closes_at
    asked = (w.gettext("You wrote on %(at)s:", at=received_words(response, w)),)
    return Told(
        w.gettext("Our answer"),
        "",
        (),
        (*reply.splitlines(), *(asked if response.text else ())),
        w.gettext("The notice, and your answer to it:"),
        quoted=response.text,
        after=(deadline_sentence(closes_at, response.facts.zone, w),) if runs and closes_at else (),
    )


def message_told(text: str, w: Wording, *, closes_at: datetime | None) -> Told:
    """What legal wrote. closes_at: the deadline, None where none is to come."""
    return Told(
        w.gettext("A message about this notice"),
        "",
        (),
        tuple(text.splitlines()),
        w.gettext("The notice, and where you can write back:"),
        after=(deadline_sentence(closes_at, w.zone.key, w),) if closes_at else (),
    )


def extended_told(facts: ExtendedFacts, w: Wording) -> Told:
    first, *others = extended_sentences(facts, w)
    return Told(
        w.gettext("You have more time to object"),
        w.gettext("Change: %(change)s", change=facts.change_title),
        (first,),
        tuple(others),
        _nothing_else(w),
    )


def longer_told(windows: Sequence[LongerWindow], w: Wording) -> Told:
    """windows: at least one, each with at least one deadline."""
    sections: list[tuple[str, tuple[str, ...]]] = []
    for window in windows:
        for one in window.deadlines:
            ends = (
                w.gettext("Deadline to object: %(day)s", day=w.until(one.closes_at)),
                w.gettext("Told before: %(day)s", day=w.until(one.before_at)),
            )
            sections.append((one.title, ends))
        reasons = new_step_sentences(window.old, window.new, w)
        sections.append((w.gettext("Why the deadline is later"), reasons))
        steps = step_sentences(window.new, w)
        sections.append((w.gettext("How the objection period is counted now"), steps))
    said = w.gettext(
        "We told you until when you can object to a change of subprocessors. We have counted that"
        " time again, because data about public holidays or time zones was corrected. You have"
        " more time than we told you."
    )
    link = w.gettext("What you have answered stays as it is. The notice, and how to object or ask:")
    return Told(
        w.gettext("Later deadline to object"), "", (), (said,), link, sections=tuple(sections)
    )


def _nothing_else(w: Wording) -> str:
    return w.gettext(
        "Nothing else changes. What you have answered stays as it is. The notice, and how to object"
        " or ask:"
    )
