"""Whom each reply of a mail host concerns: the table of delivery/refusals.py, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.delivery.refusals import SESSION_VERBS, Concern, Verb, concern_of
from subnotify.delivery.results import DeliveryResult, DeliveryState

LATER = (Verb.RCPT, Verb.DATA, Verb.FINAL_DOT)

# The replies at MAIL that servers really give, and whom they concern.
AT_MAIL = [
    # RFC 5321, 4.2.3 and 4.3.2: all codes of MAIL.
    (550, "5.7.1 sender not allowed", Concern.SENDER),
    (550, "5.7.1 <privacy@vendor.example>: Sender address rejected: not owned", Concern.SENDER),
    (550, "no", Concern.SENDER),
    (550, "5.4.5 Daily user sending limit exceeded", Concern.SENDER),
    (550, "5.7.26 unauthenticated mail from vendor.example", Concern.SENDER),
    (551, "5.7.1 no", Concern.SENDER),
    (552, "5.2.2 quota exceeded", Concern.SENDER),
    (552, "exceeded storage allocation", Concern.SENDER),
    (553, "5.7.1 not owned by user vendor", Concern.SENDER),
    (553, "5.1.8 Domain of sender address does not exist", Concern.SENDER),
    (550, "5.1.8 sender domain not found", Concern.SENDER),
    (554, "5.7.1 blocked", Concern.SENDER),
    (503, "5.5.1 bad sequence", Concern.SENDER),
    (555, "5.5.4 unsupported option", Concern.SENDER),
    (450, "4.1.8 sender domain not found", Concern.SENDER),
    (451, "4.3.0 local error", Concern.SENDER),
    (452, "4.3.1 insufficient system storage", Concern.SENDER),
    (421, "4.3.2 shutting down", Concern.SENDER),
    (None, "Connection unexpectedly closed", Concern.SENDER),
    # RFC 1870, 6.1, RFC 3463, 3.3 and 3.4: this mail is too big.
    (552, "5.3.4 Message size exceeds fixed limit", Concern.MAIL),
    (552, "message size exceeds fixed maximum message size", Concern.MAIL),
    (552, "5.2.3 message length exceeds administrative limit", Concern.MAIL),
    (452, "4.3.4 message too big for now", Concern.MAIL),
    # RFC 3463, 3.2: the syntax of the sender's address, sealed with the mail.
    (501, "5.1.7 Bad sender address syntax", Concern.MAIL),
    (553, "5.1.7 bad sender's mailbox address syntax", Concern.MAIL),
    # RFC 3463, 3.7, RFC 6531, 3.5.
    (553, "5.6.7 non-ASCII address not permitted", Concern.MAIL),
    (550, "5.6.7 SMTPUTF8 is not for this sender", Concern.MAIL),
    (555, "5.6.3 conversion required but not supported", Concern.MAIL),
    # An enhanced code stands at the beginning, and is not a number among others.
    (550, "see 5.6.7", Concern.SENDER),
    (550, "5.6.70000 no", Concern.SENDER),
]


@pytest.mark.parametrize(("code", "reply", "concern"), AT_MAIL)
def test_at_mail(code: int | None, reply: str, concern: Concern) -> None:
    assert concern_of(Verb.MAIL, code, reply) is concern


@pytest.mark.parametrize("code", [550, 553, 555])
@pytest.mark.parametrize("reply", ["no", "5.5.4 unsupported parameter: SMTPUTF8"])
def test_an_address_beyond_ascii_refused_at_mail_is_of_this_mail(code: int, reply: str) -> None:
    assert concern_of(Verb.MAIL, code, reply, beyond_ascii=True) is Concern.MAIL
    assert concern_of(Verb.MAIL, code, reply) is Concern.SENDER


def test_our_rights_are_ours_whatever_the_address() -> None:
    reply = "5.7.1 sender not allowed"
    assert concern_of(Verb.MAIL, 550, reply, beyond_ascii=True) is Concern.SENDER


LATER_ROWS = [
    # RFC 5321, 4.2.3 and 4.3.2: RCPT and DATA speak of the recipient or the mail ...
    (550, "5.1.1 no such user", Concern.MAIL),
    (550, "no such user", Concern.MAIL),
    (550, "5.2.1 mailbox disabled", Concern.MAIL),
    (551, "5.1.6 moved", Concern.MAIL),
    (552, "5.2.2 mailbox full", Concern.MAIL),
    (552, "5.3.4 too big", Concern.MAIL),
    (553, "5.1.3 bad address", Concern.MAIL),
    (554, "5.6.0 content rejected", Concern.MAIL),
    (554, "5.7.1 spam", Concern.MAIL),
    (503, "5.5.1 bad sequence", Concern.MAIL),
    (450, "4.2.0 greylisted", Concern.MAIL),
    (451, "4.7.1 try again later", Concern.MAIL),
    (452, "4.5.3 too many recipients", Concern.MAIL),
    (452, "4.3.1 insufficient system storage", Concern.MAIL),
    (421, "4.7.0 too much", Concern.MAIL),
    (None, "timed out", Concern.MAIL),
    # ... but not where they speak expressly of us (RFC 4954, 6; registry of RFC 5248).
    (530, "5.7.0 Authentication required", Concern.SENDER),
    (535, "5.7.8 credentials invalid", Concern.SENDER),
    (525, "5.7.13 account disabled", Concern.SENDER),
    (523, "5.7.10 encryption needed", Concern.SENDER),
    (550, "5.1.8 sender domain not found", Concern.SENDER),
    (550, "5.7.23 SPF validation failed", Concern.SENDER),
    (550, "5.7.26 multiple authentication checks failed", Concern.SENDER),
    (550, "5.7.27 sender has a null MX", Concern.SENDER),
    (450, "4.7.25 reverse DNS validation failed", Concern.SENDER),
    # Postfix delays these until RCPT; Sendmail, Exim, Exchange.
    (553, "5.7.1 <a@v.example>: Sender address rejected: not owned by user x", Concern.SENDER),
    (550, "5.1.0 <a@v.example>: Sender address rejected: v.example", Concern.SENDER),
    (554, "5.7.1 <dpo@client.example>: Relay access denied", Concern.SENDER),
    (554, "5.7.1 <h[192.0.2.1]>: Client host rejected: Access denied", Concern.SENDER),
    (550, "5.7.1 <dpo@client.example>... Relaying denied", Concern.SENDER),
    (550, "relay not permitted", Concern.SENDER),
    (550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain", Concern.MAIL),
    (550, "5.7.1 Unable to relay", Concern.SENDER),
    # A user may be called so.
    (550, "5.1.1 <relaying.denied@client.example> unknown: relay access denied", Concern.MAIL),
]


@pytest.mark.parametrize("verb", LATER)
@pytest.mark.parametrize(("code", "reply", "concern"), LATER_ROWS)
def test_later(verb: Verb, code: int | None, reply: str, concern: Concern) -> None:
    assert concern_of(verb, code, reply) is concern


@given(st.sampled_from(sorted(SESSION_VERBS)), st.integers(200, 599), st.text())
def test_before_mail_it_is_always_the_server(verb: Verb, code: int, reply: str) -> None:
    assert concern_of(verb, code, reply) is Concern.SERVER
    assert concern_of(verb, None, reply) is Concern.SERVER


@given(st.sampled_from(sorted(Verb)), st.none() | st.integers(200, 599), st.text(), st.booleans())
def test_every_reply_concerns_somebody(
    verb: Verb, code: int | None, reply: str, beyond_ascii: bool
) -> None:
    concern = concern_of(verb, code, reply, beyond_ascii=beyond_ascii)
    if concern is Concern.SERVER:
        assert verb in SESSION_VERBS
    if verb is Verb.FAULT:
        assert concern is Concern.MAIL


def test_a_fault_of_our_own_is_no_ones_refusal() -> None:
    assert concern_of(Verb.FAULT, None, "KeyError: 'x'") is Concern.MAIL


@pytest.mark.parametrize(
    ("state", "verb", "code", "server", "us", "refused"),
    [
        (DeliveryState.HANDED_OVER, Verb.FINAL_DOT, 250, False, False, False),
        (DeliveryState.REJECTED, Verb.MAIL, 552, False, False, False),
        (DeliveryState.REJECTED, Verb.RCPT, 550, False, False, False),
        (DeliveryState.DEFERRED, Verb.CONNECT, 554, True, True, False),
        (DeliveryState.DEFERRED, Verb.CONNECT, None, True, True, False),
        (DeliveryState.DEFERRED, Verb.MAIL, 550, False, True, True),
        (DeliveryState.DEFERRED, Verb.MAIL, 451, False, True, False),
        (DeliveryState.DEFERRED, Verb.MAIL, None, False, True, False),
        (DeliveryState.DEFERRED, Verb.RCPT, 450, False, False, False),
        (DeliveryState.UNKNOWN, Verb.FINAL_DOT, None, False, False, False),
        (DeliveryState.AUTHENTICATION_FAILED, Verb.RCPT, 530, True, True, False),
    ],
)
def test_what_a_result_says_of_itself(
    state: DeliveryState, verb: Verb, code: int | None, server: bool, us: bool, refused: bool
) -> None:
    result = DeliveryResult(state, verb, code, "no", "host")
    said = (result.concerns_server, result.concerns_us, result.refuses_sender)
    assert said == (server, us, refused)
