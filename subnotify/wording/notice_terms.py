"""Notice terms read out: in one line, or as a whole clause with a heading for each part."""

from collections.abc import Callable
from dataclasses import dataclass

from subnotify.rules.errors import N_
from subnotify.rules.notice_rules import all_variants
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import (
    Authorisation,
    Closes,
    ObjectionEffect,
    ObjectionForm,
    SilenceBrokenBy,
    SilenceEffect,
    TimelyWhen,
)
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason
from subnotify.wording.objection_terms import (
    consequence_sentences,
    country_sentences,
    emergency_sentences,
    objection_sentences,
    silence_terms_sentences,
)
from subnotify.wording.periods import period_words
from subnotify.wording.termination_terms import termination_terms_sentences
from subnotify.wording.window_terms import (
    authorisation_sentences,
    channel_sentences,
    lead_time_sentences,
    receipt_terms_sentences,
    rule_sentences,
    window_sentences,
    window_words,
)


@dataclass(frozen=True)
class TermsLine:
    """name: the heading of a part of the clause; text: one or more full sentences."""

    name: str
    text: str


def terms_sentence(terms: NoticeTerms | None, w: Wording) -> str:
    """The terms in one line: "30 days from receipt; silence: accepted, irrevocably; ..."."""
    if terms is None:
        return w.gettext("no notice terms on record")
    if terms.authorisation is Authorisation.BLANKET:
        return w.gettext("all changes authorised in advance, for information only")
    parts = [*_windows(terms, w), *_lead_times(terms, w), _silence(terms, w), _objection(terms, w)]
    return w.series(parts)


def terms_lines(terms: NoticeTerms, w: Wording) -> tuple[TermsLine, ...]:
    """Everything that is read from the terms, in sentences, in the order of a contract."""
    lines = [
        TermsLine(w.gettext(name), " ".join(sentences))
        for name, tell in _PARTS
        if (sentences := tell(terms, w))
    ]
    reason = not_computable(terms)
    if reason is not None:
        lines.append(TermsLine(w.gettext("Not computable"), not_computable_reason(reason, w)))
    if terms.provenance.reading:
        lines.append(TermsLine(w.gettext("Reading taken"), terms.provenance.reading))
    return tuple(lines)


def clause_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """The same as running text: what the clause says, as the product understood it."""
    return tuple(sentence for _, tell in _PARTS for sentence in tell(terms, w))


_PARTS: tuple[tuple[str, Callable[[NoticeTerms, Wording], tuple[str, ...]]], ...] = (
    (N_("Authorisation"), authorisation_sentences),
    (N_("Lead time"), lead_time_sentences),
    (N_("Objection period"), window_sentences),
    (N_("Rules for some changes"), rule_sentences),
    (N_("Channels"), channel_sentences),
    (N_("Receipt"), receipt_terms_sentences),
    (N_("Silence"), silence_terms_sentences),
    (N_("Objection"), objection_sentences),
    (N_("Effect of an objection"), consequence_sentences),
    (N_("Termination"), termination_terms_sentences),
    (N_("Emergency"), emergency_sentences),
    (N_("Countries"), country_sentences),
)


def _windows(terms: NoticeTerms, w: Wording) -> list[str]:
    """The window under each rule, each said once."""
    open_ones = [variant for variant in all_variants(terms) if variant.changes_covered]
    said = [_window(variant, w) for variant in open_ones]
    return list(dict.fromkeys(said)) or [w.gettext("for information only")]


def _lead_times(terms: NoticeTerms, w: Wording) -> list[str]:
    """The lead time under each rule, each said once."""
    stated = [x.lead_time for x in all_variants(terms) if x.lead_time is not None]
    said = [w.gettext("lead time: %(period)s", period=period_words(x, w)) for x in stated]
    return list(dict.fromkeys(said))


def _window(terms: NoticeTerms, w: Wording) -> str:
    if terms.closes is Closes.PERIOD and terms.objection_period is None:
        return w.gettext("no objection period stated")
    said = window_words(terms, w)
    if terms.assumes_trigger and terms.closes is not Closes.COMMENCEMENT:
        return w.gettext("%(window)s (from when is not said)", window=said)
    return said


def _silence(terms: NoticeTerms, w: Wording) -> str:
    refused = terms.effect_of_silence is SilenceEffect.DEEMED_REFUSED
    if refused or terms.authorisation is Authorisation.SPECIFIC:
        return w.gettext("silence: refused")
    any_response = terms.silence_broken_by is SilenceBrokenBy.ANY_RESPONSE
    if terms.effect_of_silence is SilenceEffect.UNSPECIFIED:
        return w.gettext("silence: not said, the general authorisation applies")
    if terms.silence_irrevocable:
        return w.gettext("silence: accepted, irrevocably")
    if any_response:
        return w.gettext("silence: accepted, unless there is any response")
    return w.gettext("silence: accepted")


def _objection(terms: NoticeTerms, w: Wording) -> str:
    return w.gettext(
        "objection: %(form)s, %(effect)s, %(timely)s",
        form=_form(terms.objection_form, w),
        effect=_effect(terms.effect_of_objection, w),
        timely=_timely(terms.objection_timely_when, w),
    )


def _form(form: ObjectionForm, w: Wording) -> str:
    match form:
        case ObjectionForm.ANY:
            return w.gettext("in any form")
        case ObjectionForm.EMAIL:
            return w.gettext("by email")
        case ObjectionForm.WRITTEN:
            return w.gettext("in writing")
        case ObjectionForm.ONLINE:
            return w.gettext("online")
        case ObjectionForm.REGISTERED_POST:
            return w.gettext("by registered letter")


def _effect(effect: ObjectionEffect, w: Wording) -> str:
    match effect:
        case ObjectionEffect.ACCOMMODATION:
            return w.gettext("to be accommodated")
        case ObjectionEffect.NOT_USED_FOR_CLIENT:
            return w.gettext("not used for the client")
        case ObjectionEffect.TERMINATION:
            return w.gettext("it is a termination")
        case ObjectionEffect.FEATURE_WITHDRAWN:
            return w.gettext("the feature is withdrawn")
        case ObjectionEffect.SUSPEND_ENGAGEMENT:
            return w.gettext("the engagement is suspended")
        case ObjectionEffect.CLIENT_STOPS_USING:
            return w.gettext("the client may stop using the service")
        case ObjectionEffect.UNSPECIFIED:
            return w.gettext("its effect is not said")


def _timely(timely: TimelyWhen, w: Wording) -> str:
    match timely:
        case TimelyWhen.DISPATCHED:
            return w.gettext("in time when dispatched in time")
        case TimelyWhen.RECEIVED:
            return w.gettext("in time when received in time")
        case TimelyWhen.UNSPECIFIED:
            return w.gettext("sending or receipt: not said")
