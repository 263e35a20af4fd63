"""What happened to a change after its notice, as a letter: the sentences of the mail, on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from subnotify.rules.vendor import VendorProfile
from subnotify.wording import letter_blocks as blocks
from subnotify.wording.deadlines import deadline_sentence
from subnotify.wording.language import Wording
from subnotify.wording.letter_parts import page_words, sender_parts
from subnotify.wording.mail_extended import ExtendedFacts, extended_sentences
from subnotify.wording.mail_longer import LongerWindow
from subnotify.wording.mail_postponed import PostponedFacts, postponed_sentence
from subnotify.wording.mail_withdrawn import WithdrawnFacts, withdrawn_lead, withdrawn_sentences
from subnotify.wording.recomputations import new_step_sentences
from subnotify.wording.window_steps import step_sentences


@dataclass(frozen=True)
class Told:
    """lead: what happened, in bold. sections: each a title and its sentences. link: the sentence
    before the personal link."""

    title: str
    about: str
    lead: tuple[str, ...]
    sentences: tuple[str, ...]
    link: str
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()


def told_letter(told: Told, vendor: VendorProfile, w: Wording) -> dict[str, Any]:
    """What letters that tell the same have in common."""
    found = [
        *blocks.texts([told.about]),
        *(blocks.strong(sentence) for sentence in told.lead),
        *blocks.texts(told.sentences),
    ]
    for title, sentences in told.sections:
        found += [blocks.heading(title), blocks.items(sentences)]
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
    return Told(w.gettext("Later deadline to object"), "", (), (said,), link, tuple(sections))


def _nothing_else(w: Wording) -> str:
    return w.gettext(
        "Nothing else changes. What you have answered stays as it is. The notice, and how to object"
        " or ask:"
    )
