"""No record makes the check raise, or go on for ever: whatever others publish is their text."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from subnotify.delivery.dns_lookups import Ask, Looked, LookupState, RecordType
from subnotify.delivery.dns_tags import TagSyntaxError, read_tags
from subnotify.delivery.sending_domain import SendingDomain, judge_sending_domain
from subnotify.delivery.spf_records import SpfSyntaxError, is_domain_spec, is_spf, read_spf
from subnotify.rules.mail_findings import Severity
from subnotify.wording.language import wording_for
from subnotify.wording.mail_findings import finding_words

NAMES = ("v.example", "mx.v.example", "r.example", "s1._domainkey.v.example", "_dmarc.v.example")
TERMS = [
    "+", "-", "~", "?", "all", "a", "mx", "ptr", "ip4", "ip6", "include", "exists", "redirect",
    "exp", ":", "/", "//", "=", "%", "%{i}", "%{d2r}", ".", ",", "24", "129", "192.0.2.1", "::1",
    "v.example", "r.example", "x", "é", "\ud800", "\0", "\t", "\\", '"',
]  # fmt: skip
TAGS = [
    "v=DMARC1", "v=DKIM1", ";", "=", "p=", "p=reject", "p=none", "sp=", "k=rsa", "k=ed25519", "t=y",
    "h=", "s=", "AAAA", "rua=", "mailto:a@b", ",", "!", "pct=", "50", "psd=y", "psd=n", "aspf=s",
    "\n", "é",
]  # fmt: skip

hostile = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(TERMS), max_size=12).map("".join).map("v=spf1 {}".format),
    st.lists(st.sampled_from(TERMS), max_size=12).map(" ".join).map("v=spf1 {}".format),
    st.lists(st.sampled_from(TAGS), max_size=10).map(";".join),
    st.lists(st.sampled_from(TAGS), max_size=10).map("".join),
    st.binary(max_size=80).map(lambda octets: octets.decode("utf-8", "replace")),
)
addresses = st.sampled_from(["192.0.2.1", "127.0.0.1"])
exchanges = st.builds("{} {}".format, st.integers(0, 65535), st.sampled_from([*NAMES, ".", "x"]))


@st.composite
def zones(draw: Callable[..., object]) -> Ask:
    """Answers to every question, drawn when it is asked, the same each time."""
    known: dict[tuple[str, RecordType], Looked] = {}
    of_type = {
        RecordType.TXT: st.lists(hostile, min_size=1, max_size=2),
        RecordType.A: st.lists(addresses, min_size=1, max_size=2),
        RecordType.AAAA: st.just(["2001:db8::1"]),
        RecordType.MX: st.lists(exchanges, min_size=1, max_size=12),
    }

    def ask(name: str, kind: RecordType) -> Looked:
        key = (name.casefold(), kind)
        if key not in known:
            state = draw(st.sampled_from([LookupState.FOUND, LookupState.FOUND, *LookupState]))
            values = draw(of_type[kind]) if state is LookupState.FOUND else []
            known[key] = Looked(name, kind, state, tuple(values), said="SERVFAIL")  # type: ignore[arg-type,call-overload]
        assert len(known) < 500
        return known[key]

    return ask


@given(
    zones(),
    st.sampled_from(["a@v.example", "a@l.v.example", "a@b", "a@é.example"]),
    st.sampled_from(["a@v.example", "a@r.example"]),
    st.sampled_from([None, "mx.v.example", "192.0.2.1", "x"]),
    st.lists(st.sampled_from(["s1", "é", ""]), max_size=2),
)
def test_no_records_make_it_raise(
    ask: Ask, sender: str, returned: str, relay: str | None, selectors: list[str]
) -> None:
    found = judge_sending_domain(SendingDomain(sender, returned, relay, selectors), ask)
    assert found
    for one in found:
        for language in ("en", "fr"):
            words = finding_words(one, wording_for(language))
            assert words.fact
            # What is to be mended comes with how.
            assert words.remedy or one.severity in (Severity.OK, Severity.NOTE)
        assert "\n" not in one.record


@given(hostile)
def test_spf_texts_are_read_or_refused(text: str) -> None:
    if not is_spf(text):
        return
    try:
        record = read_spf(text)
    except SpfSyntaxError as error:
        assert error.term in text
        return
    for directive in record.directives:
        assert not directive.domain or is_domain_spec(directive.domain)
        assert directive.domain.isascii()


@given(hostile)
def test_tags_are_read_or_refused(text: str) -> None:
    try:
        tags = read_tags(text)
    except TagSyntaxError:
        return
    assert all(name and value == value.strip() for name, value in tags.items())
