"""Random notice terms: any that could be entered, and those from which a window follows."""

from dataclasses import replace
from datetime import date, time

from hypothesis import strategies as st

from subnotify.rules.terms import (
    Counting,
    DeemedReceipt,
    Emergency,
    NoticeRule,
    NoticeTerms,
    Period,
    Provenance,
    Reading,
    Termination,
)
from subnotify.rules.terms_checks import has_window, not_computable
from subnotify.rules.terms_reading import ENUM_FIELDS
from subnotify.rules.terms_words import (
    Authorisation,
    Closes,
    CountingRule,
    DataAtEnd,
    DeemedKind,
    FinancialEffect,
    RuleScope,
    RunsFrom,
    SilenceEffect,
    TakesEffect,
    TerminationScope,
    TimelyWhen,
    Unit,
)
from subnotify.rules.words import ChangeKind, Channel, ProofKind
from tests.support.limit_strategies import CALENDARS, EVERY_PERIOD, ZONES

TEXTS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, categories=["L", "N", "P"]),
    min_size=1,
    max_size=20,
)
MAYBE_PERIOD = st.none() | EVERY_PERIOD
HOURS = st.builds(time, st.integers(0, 23), st.integers(0, 59))
DEEMED = st.builds(
    DeemedReceipt,
    st.sampled_from(DeemedKind),
    HOURS,
    st.none() | HOURS,
    st.integers(0, 30),
)
COUNTINGS = st.builds(Counting, st.sampled_from(CountingRule), ZONES, CALENDARS)
_NEEDS_KEY = (RuleScope.SERVICE, RuleScope.DATA_CATEGORY)


@st.composite
def notice_rules(draw: st.DrawFn) -> NoticeRule:
    scope = draw(st.sampled_from(RuleScope))
    return NoticeRule(
        scope,
        draw(TEXTS) if scope in _NEEDS_KEY else "",
        draw(MAYBE_PERIOD),
        draw(MAYBE_PERIOD),
        draw(st.sampled_from(Closes)),
        draw(st.booleans()),
        draw(st.booleans()),
    )


def readings_of(field: str, kind: type[RunsFrom] | type[TimelyWhen]) -> st.SearchStrategy[object]:
    values = [member.value for member in kind if member.value != "unspecified"]
    reading = st.builds(Reading, st.sampled_from(values), TEXTS, st.dates(), TEXTS)
    return st.dictionaries(st.just(field), reading, max_size=1)


@st.composite
def any_terms(draw: st.DrawFn) -> NoticeTerms:
    """Terms that the reader accepts, whether or not dates follow from them."""
    deemed = draw(st.none() | DEEMED)
    proofs = {ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT, ProofKind.REGISTERED_DELIVERY}
    provable = proofs | ({ProofKind.DEEMED} if deemed else set())
    chosen = {name: draw(st.sampled_from(kind)) for name, kind in ENUM_FIELDS.items()}
    if chosen["authorisation"] is Authorisation.SPECIFIC:
        chosen["effect_of_silence"] = SilenceEffect.DEEMED_REFUSED
    return NoticeTerms(
        counting=draw(COUNTINGS),
        changes_covered=draw(st.frozensets(st.sampled_from(ChangeKind))),
        notice_rules=tuple(draw(st.lists(notice_rules(), max_size=3))),
        lead_time=draw(MAYBE_PERIOD),
        objection_period=draw(MAYBE_PERIOD),
        channels=tuple(sorted(draw(st.sets(st.sampled_from(Channel))))),
        copy_channels=draw(st.frozensets(st.sampled_from(Channel))),
        deemed_receipt=deemed,
        proof_of_receipt=draw(st.frozensets(st.sampled_from(sorted(provable)))),
        receipt_fallback_days=draw(st.none() | st.integers(1, 366)),
        objection_address=draw(st.just("") | TEXTS),
        closed_grounds=tuple(draw(st.lists(TEXTS, max_size=2))),
        silence_irrevocable=draw(st.booleans()),
        accommodation_period=draw(MAYBE_PERIOD),
        deemed_accepted_after=draw(MAYBE_PERIOD),
        termination=draw(terminations()),
        allowed_countries=draw(st.frozensets(st.sampled_from(["FR", "DE", "CH", "US"]))),
        emergency_replacement=draw(
            st.builds(Emergency, st.none() | st.booleans(), st.just("") | TEXTS)
        ),
        requires_agreement_dates=draw(st.booleans()),
        readings={
            **draw(readings_of("runs_from", RunsFrom)),
            **draw(readings_of("objection_timely_when", TimelyWhen)),
        },
        provenance=draw(provenances()),
        **chosen,
    )


def terminations() -> st.SearchStrategy[Termination]:
    return st.builds(
        Termination,
        *(
            st.sampled_from(kind)
            for kind in (TerminationScope, TakesEffect, FinancialEffect, DataAtEnd)
        ),
        st.none() | st.integers(0, 365),
        MAYBE_PERIOD,
        MAYBE_PERIOD,
    )


def provenances() -> st.SearchStrategy[Provenance]:
    texts = st.just("") | TEXTS
    return st.builds(
        Provenance, texts, texts, texts, st.none() | st.dates(date(2000, 1, 1)), texts, texts
    )


@st.composite
def window_terms(draw: st.DrawFn) -> NoticeTerms:
    """Terms without notice rules from which a window can be computed."""
    counting = draw(COUNTINGS)
    unit = {
        CountingRule.CONTRACT_BD_COUNT: Unit.BUSINESS_DAYS,
        CountingRule.CONTRACT_JOURS_OUVRABLES: Unit.JOURS_OUVRABLES,
        CountingRule.CONTRACT_HOURS_ELAPSED: Unit.HOURS,
        CountingRule.EU_1182_71_HOURS: Unit.HOURS,
    }.get(counting.rule)
    whole = st.builds(Period, st.integers(0, 90), st.just(unit))
    periods = EVERY_PERIOD if unit is None else whole
    runs_from = draw(st.sampled_from(RunsFrom))
    if counting.rule is CountingRule.RETRO_1182_71:
        runs_from = RunsFrom.COMMENCEMENT_BACKWARD
    deemed = draw(st.none() | DEEMED)
    if deemed is not None and deemed.kind is DeemedKind.FIRST_PRESENTATION:
        deemed = replace(deemed, kind=DeemedKind.AT_ACCEPTANCE)
    terms = NoticeTerms(
        counting=counting,
        runs_from=runs_from,
        closes=draw(st.sampled_from(Closes)),
        lead_time=draw(periods),
        objection_period=draw(periods),
        deemed_receipt=deemed,
        proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}),
        objection_timely_when=draw(st.sampled_from(TimelyWhen)),
        readings=draw(readings_of("runs_from", RunsFrom))
        if counting.rule is not CountingRule.RETRO_1182_71
        else {},
    )
    assert has_window(terms)
    assert not_computable(terms) is None, not_computable(terms)
    return terms
