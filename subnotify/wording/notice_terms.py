"""Notice terms read out, one line for each rule: for the desk and the preview."""

from dataclasses import dataclass

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import (
    Authorisation,
    CountingRule,
    ObjectionEffect,
    ObjectionForm,
    RunsFrom,
    SilenceBrokenBy,
    SilenceEffect,
    TimelyWhen,
)
from subnotify.wording.deadlines import period_words
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason


@dataclass(frozen=True)
class TermsLine:
    name: str
    text: str


def terms_sentence(terms: NoticeTerms | None, w: Wording) -> str:
    """The terms in one line: "30 days from receipt; silence: accepted, irrevocably; ..."."""
    if terms is None:
        return w.gettext("no notice terms on record")
    parts = [_period(terms, w), _silence(terms, w), _objection(terms, w)]
    return w.series(parts)


def terms_lines(terms: NoticeTerms, w: Wording) -> tuple[TermsLine, ...]:
    """Everything the engine reads from the terms, with names, in the order of a contract."""
    lines = [
        TermsLine(w.gettext("Authorisation"), _authorisation(terms.authorisation, w)),
        TermsLine(
            w.gettext("Changes covered"),
            w.listed([label(w, kind) for kind in sorted(terms.changes_covered)]),
        ),
        TermsLine(w.gettext("Channels"), w.listed([label(w, x) for x in terms.channels])),
        TermsLine(w.gettext("Objection period"), _period(terms, w)),
        TermsLine(w.gettext("Days counted by"), counting_words(terms, w)),
        TermsLine(w.gettext("Receipt proven by"), _proofs(terms, w)),
        TermsLine(w.gettext("Silence"), _silence(terms, w)),
        TermsLine(w.gettext("Objection"), _objection(terms, w)),
    ]
    reason = not_computable(terms)
    if reason is not None:
        lines.append(TermsLine(w.gettext("Not computable"), not_computable_reason(reason, w)))
    if terms.provenance.reading:
        lines.append(TermsLine(w.gettext("Reading taken"), terms.provenance.reading))
    return tuple(lines)


def counting_words(terms: NoticeTerms, w: Wording) -> str:
    """The counting rule with its zone and calendar."""
    rule = terms.counting.rule
    if rule is CountingRule.FR_CPC_640_642:
        name = "code de procédure civile, art. 640-642"
    elif rule is CountingRule.CONTRACT_CALENDAR:
        name = w.gettext("calendar days as the contract says, never moved")
    else:
        name = rule.value
    return f"{name}, {terms.counting.time_zone}"


def _period(terms: NoticeTerms, w: Wording) -> str:
    if terms.objection_period is None:
        return w.gettext("no objection period stated")
    period = period_words(terms.objection_period, w)
    match terms.runs_from:
        case RunsFrom.RECEIPT:
            return w.gettext("%(period)s from receipt", period=period)
        case RunsFrom.DISPATCH:
            return w.gettext("%(period)s from dispatch", period=period)
        case RunsFrom.PUBLICATION:
            return w.gettext("%(period)s from publication of the list", period=period)
        case RunsFrom.COMMENCEMENT_BACKWARD:
            return w.gettext("%(period)s before commencement", period=period)
        case RunsFrom.UNSPECIFIED:
            return w.gettext("%(period)s, from when is not said", period=period)


def _authorisation(authorisation: Authorisation, w: Wording) -> str:
    match authorisation:
        case Authorisation.GENERAL:
            return w.gettext("general")
        case Authorisation.SPECIFIC:
            return w.gettext("specific: each change needs the client's agreement")
        case Authorisation.BLANKET:
            return w.gettext("blanket")


def _proofs(terms: NoticeTerms, w: Wording) -> str:
    if not terms.proof_of_receipt:
        if terms.runs_from is RunsFrom.RECEIPT:
            return w.gettext("not chosen yet")
        return w.gettext("not needed: the period runs from dispatch")
    return w.listed([label(w, x) for x in sorted(terms.proof_of_receipt)], "or")


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
