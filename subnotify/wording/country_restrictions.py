"""What a client is told of a change that goes where its agreement allows no processing."""

from collections.abc import Iterable

from subnotify.rules.terms import NoticeTerms
from subnotify.wording.countries import countries_listed
from subnotify.wording.language import Wording
from subnotify.wording.silence import silence_sentences


def restriction_sentences(
    terms: NoticeTerms | None, blocked: Iterable[str], w: Wording
) -> tuple[str, ...]:
    """blocked: countries of the change that the terms do not allow and no exception covers.

    Nothing where none is.
    """
    countries = frozenset(blocked)
    if terms is None or not countries:
        return ()
    return (
        w.gettext(
            "Your agreement allows processing only in: %(countries)s.",
            countries=countries_listed(terms.allowed_countries, w),
        ),
        w.gettext(
            "With this change, processing would also take place in: %(countries)s.",
            countries=countries_listed(countries, w),
        ),
        w.gettext("Without your recorded exception this subprocessor is not used for you."),
    )


def told_silence(
    terms: NoticeTerms | None, blocked: Iterable[tuple[str, ...]], w: Wording
) -> tuple[str, ...]:
    """What silence means; blocked: the countries that block each change still to be answered."""
    waiting = list(blocked)
    if not waiting or not all(waiting):
        return silence_sentences(terms, w)
    return (
        w.gettext(
            "Your silence is not taken as acceptance: as long as we have no document in which you"
            " allow an exception, nothing changes for you."
        ),
    )
