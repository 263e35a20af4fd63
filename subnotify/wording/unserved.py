"""Why a notice does not count as given yet, and what ends that: for the desk."""

from subnotify.rules.channels import notice_channels
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.words import Channel, HoldReason, NoticeState, ProofKind
from subnotify.wording.holds import hold_text
from subnotify.wording.language import Wording


def unserved_sentences(
    state: NoticeState,
    failure: HoldReason | None,
    terms: NoticeTerms | None,
    w: Wording,
    *,
    is_overtaken: bool = False,
) -> tuple[str, ...]:
    """What is the matter, then what a person can do; nothing for a notice that is served.

    failure: why it failed, where it did. terms: None where the agreement has none on record.
    is_overtaken: its changes were withdrawn or the agreement ended: nobody has to do anything.
    """
    if is_overtaken and state is not NoticeState.SERVED:
        return (w.gettext("Nothing of it stands any more, so nobody has to serve it."),)
    match state:
        case NoticeState.SERVED:
            return ()
        case NoticeState.QUEUED:
            return (w.gettext("It has not left yet."),)
        case NoticeState.NOT_SERVED:
            return _of_hold(failure, w) if failure is not None else ()
        case NoticeState.SERVING:
            return _of_serving(terms, w)


def _of_serving(terms: NoticeTerms | None, w: Wording) -> tuple[str, ...]:
    """It left for one contact at least, and something is still missing."""
    if terms is None:
        return _of_hold(HoldReason.TERMS_UNKNOWN, w)
    if not_computable(terms) is not None:
        return _of_hold(HoldReason.TERMS_NOT_COMPUTABLE, w)
    ways = {
        ProofKind.RECIPIENT_SERVER: w.gettext("the client's own mail server accepts it"),
        ProofKind.ACKNOWLEDGEMENT: w.gettext("the client acknowledges receipt"),
        ProofKind.REGISTERED_DELIVERY: w.gettext("registered post delivers it"),
    }
    named = [words for kind, words in ways.items() if kind in terms.proof_of_receipt]
    if not named:
        return (w.gettext("It has not left for every notice contact yet."),)
    return (
        w.gettext(
            "Under the agreement it counts as given once %(ways)s.", ways=w.listed(named, "or")
        ),
        _if_it_does_not_come(terms, w),
    )


def _if_it_does_not_come(terms: NoticeTerms, w: Wording) -> str:
    days, channels = terms.receipt_fallback_days, notice_channels(terms)
    registered = channels.postal is Channel.REGISTERED_POST
    # Where the notice itself goes by registered post, no second letter follows the first.
    if days is None or (registered and (channels.every or not channels.is_by_mail)):
        return w.gettext("If that does not come, ask the client, or serve the notice anew.")
    return w.ngettext(
        "If that does not come within %(n)s day of dispatch, a registered letter follows by itself"
        " to whoever has a postal address.",
        "If that does not come within %(n)s days of dispatch, a registered letter follows by itself"
        " to whoever has a postal address.",
        days,
    )


def _of_hold(reason: HoldReason, w: Wording) -> tuple[str, ...]:
    text = hold_text(reason, w)
    return (text.explanation, text.remedy)
