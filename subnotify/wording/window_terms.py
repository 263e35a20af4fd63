"""What terms say about the notice and the window, in sentences for the desk."""

from subnotify.rules.terms import NoticeRule, NoticeTerms, Period, Reading
from subnotify.rules.terms_words import (
    Authorisation,
    ChannelChoice,
    Closes,
    LeadBefore,
    RuleScope,
    RunsFrom,
    ServedWhen,
)
from subnotify.rules.words import ProofKind
from subnotify.wording.counting import counting_words
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.periods import period_words
from subnotify.wording.receipt_terms import deemed_sentence


def authorisation_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """Which changes the client has authorised, and which are covered."""
    match terms.authorisation:
        case Authorisation.GENERAL:
            first = w.gettext("General: the client is notified of a change, and may object.")
        case Authorisation.SPECIFIC:
            first = w.gettext("Specific: each change needs the client's agreement.")
        case Authorisation.BLANKET:
            return (w.gettext("Blanket: all changes are authorised; the client is informed."),)
    covered = [label(w, kind) for kind in sorted(terms.changes_covered)]
    if not covered:
        return (first, w.gettext("No kind of change opens a window: the client is informed."))
    return (first, w.gettext("Changes covered: %(changes)s.", changes=w.listed(covered)))


def lead_time_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """How long before a change notice must be given."""
    if terms.lead_time is None:
        return (w.gettext("The agreement states no lead time."),)
    period = period_words(terms.lead_time, w)
    match terms.lead_time_before:
        case LeadBefore.COMMENCEMENT:
            said = w.gettext(
                "Notice is given at least %(period)s before the change takes effect.", period=period
            )
        case LeadBefore.ENGAGEMENT:
            said = w.gettext(
                "Notice is given at least %(period)s before the subprocessor is engaged.",
                period=period,
            )
        case LeadBefore.LIST_CHANGE:
            said = w.gettext(
                "Notice is given at least %(period)s before the list is changed.", period=period
            )
        case LeadBefore.UNSPECIFIED:
            said = w.gettext(
                "Notice is given at least %(period)s in advance; before what, the agreement does"
                " not say.",
                period=period,
            )
    return (said,)


def window_words(terms: NoticeTerms, w: Wording) -> str:
    """ "15 days from receipt", "until commencement": of terms without notice rules.

    "" where they state no period that the window needs.
    """
    match terms.closes:
        case Closes.COMMENCEMENT:
            return w.gettext("until commencement")
        case Closes.END_OF_LEAD_TIME if terms.lead_time is not None:
            return w.gettext(
                "as long as the lead time, %(period)s", period=_counted(terms.lead_time, terms, w)
            )
        case Closes.PERIOD if terms.objection_period is not None:
            return _counted(terms.objection_period, terms, w)
        case _:
            return ""


def _counted(period: Period, terms: NoticeTerms, w: Wording) -> str:
    said = period_words(period, w)
    match terms.trigger:
        case RunsFrom.DISPATCH:
            return w.gettext("%(period)s from dispatch", period=said)
        case RunsFrom.PUBLICATION:
            return w.gettext("%(period)s from publication of the list", period=said)
        case RunsFrom.COMMENCEMENT_BACKWARD if terms.closes is Closes.PERIOD:
            return w.gettext("until %(period)s before commencement", period=said)
        case RunsFrom.COMMENCEMENT_BACKWARD:
            return w.gettext("%(period)s from dispatch", period=said)
        case _:
            return w.gettext("%(period)s from receipt", period=said)


def window_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """How long the client may object, what that rests on, and how days are counted."""
    if terms.authorisation is Authorisation.BLANKET:
        return ()
    said = window_words(terms, w)
    if not said and terms.closes is Closes.END_OF_LEAD_TIME:
        first = w.gettext("The client may object until the lead time ends, but none is stated.")
    elif not said:
        first = w.gettext("The agreement states no objection period.")
    else:
        first = w.gettext("The client may object: %(window)s.", window=said)
    counted = w.gettext("Counted by: %(counting)s.", counting=counting_words(terms.counting, w))
    return (first, *_trigger_sentences(terms, w), counted)


def _trigger_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    if terms.runs_from is not RunsFrom.UNSPECIFIED or terms.closes is Closes.COMMENCEMENT:
        return ()
    if terms.assumes_trigger:
        return (
            w.gettext(
                "The agreement does not say from when the period runs: it is counted from receipt,"
                " the latest of the possible readings."
            ),
        )
    return (
        w.gettext("The agreement does not say from when the period runs."),
        reading_sentence(terms.readings["runs_from"], w),
    )


def reading_sentence(reading: Reading, w: Wording) -> str:
    """By whom, when and why a silent clause was read as it is."""
    return w.gettext(
        "That is the reading which %(name)s took on %(day)s: %(why)s",
        name=reading.by,
        day=w.date(reading.on),
        why=_stopped(reading.why),
    )


def _stopped(text: str) -> str:
    """Words of a person, as the end of a sentence."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def rule_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """The notice rules one by one, in their order: the first that applies counts."""
    return tuple(
        w.gettext("%(number)s. %(scope)s: %(rule)s.", number=n, scope=scope, rule=said)
        for n, (scope, said) in enumerate(
            ((scope_words(rule, w), _rule(rule, terms, w)) for rule in terms.notice_rules), 1
        )
    )


def scope_words(rule: NoticeRule, w: Wording) -> str:
    """To which changes a notice rule applies."""
    match rule.applies_to:
        case RuleScope.ANY:
            return w.gettext("Every change")
        case RuleScope.AFFILIATE:
            return w.gettext("An affiliate of the vendor")
        case RuleScope.THIRD_COUNTRY:
            return w.gettext("A third country without an adequacy decision")
        case RuleScope.ADEQUATE_COUNTRY:
            return w.gettext("A country with an adequacy decision")
        case RuleScope.SERVICE:
            return w.gettext("The service %(name)s", name=rule.key)
        case RuleScope.DATA_CATEGORY:
            return w.gettext("The data category %(name)s", name=rule.key)


def _rule(rule: NoticeRule, terms: NoticeTerms, w: Wording) -> str:
    parts = []
    if rule.lead_time is not None:
        parts.append(w.gettext("lead time %(period)s", period=period_words(rule.lead_time, w)))
    if rule.notice_only:
        parts.append(w.gettext("for information only"))
    elif rule.closes is Closes.COMMENCEMENT:
        parts.append(w.gettext("objection until commencement"))
    elif rule.closes is Closes.END_OF_LEAD_TIME:
        parts.append(w.gettext("objection as long as the lead time runs"))
    elif rule.objection_period is not None:
        window = _counted(rule.objection_period, terms, w)
        parts.append(w.gettext("objection period %(period)s", period=window))
    if rule.requires_agreement_dates:
        parts.append(w.gettext("the dates of the agreement must be stated"))
    return w.listed(parts) if parts else w.gettext("as for every other change")


def channel_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """How notice is given, and whom it must reach."""
    named = [label(w, channel) for channel in terms.channels]
    if not named:
        sentences = [w.gettext("The agreement names no channel.")]
    elif len(named) == 1:
        sentences = [w.gettext("Notice is given by this channel: %(channel)s.", channel=named[0])]
    else:
        sentences = [_several_channels(terms.channel_choice, named, w)]
    if terms.copy_channels:
        copies = w.listed([label(w, channel) for channel in sorted(terms.copy_channels)])
        sentences.append(w.gettext("For copies only: %(channels)s.", channels=copies))
    if terms.served_when is ServedWhen.EVERY:
        sentences.append(
            w.gettext("Every notice contact must be reached; the latest instant counts.")
        )
    else:
        sentences.append(w.gettext("It is enough to reach one notice contact."))
    if terms.requires_agreement_dates:
        sentences.append(w.gettext("The notice states the dates of the agreement."))
    return tuple(sentences)


def _several_channels(choice: ChannelChoice, named: list[str], w: Wording) -> str:
    match choice:
        case ChannelChoice.ANY:
            return w.gettext(
                "Notice is given by one of these channels: %(channels)s.",
                channels=w.listed(named, "or"),
            )
        case ChannelChoice.EVERY:
            return w.gettext(
                "Notice is given by each of these channels: %(channels)s.", channels=w.listed(named)
            )
        case ChannelChoice.UNSPECIFIED:
            return w.gettext(
                "Notice is given by these channels: %(channels)s; whether one is enough, the"
                " agreement does not say.",
                channels=w.listed(named),
            )


def receipt_terms_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """When a notice counts as received, and what proves it."""
    if terms.authorisation is Authorisation.BLANKET:
        return ()
    sentences = []
    if terms.deemed_receipt is not None:
        sentences.append(deemed_sentence(terms.deemed_receipt, w))
    proofs = sorted(terms.proof_of_receipt - {ProofKind.DEEMED})
    if proofs:
        named = w.listed([label(w, proof) for proof in proofs], "or")
        sentences.append(w.gettext("Receipt proven by: %(proofs)s.", proofs=named))
    elif terms.waits_for_receipt:
        sentences.append(w.gettext("Nobody has chosen yet what proves receipt."))
    elif terms.deemed_receipt is None:
        sentences.append(w.gettext("The window does not wait for a proof of receipt."))
    days = terms.receipt_fallback_days
    if days is not None:
        sentences.append(
            w.ngettext(
                "Without proof after %(n)s day a registered letter is sent.",
                "Without proof after %(n)s days a registered letter is sent.",
                days,
            )
        )
    return tuple(sentences)
