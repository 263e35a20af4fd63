"""`subnotify mail check` and `subnotify mail import-events`."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from subnotify import clock
from subnotify.cli import main
from subnotify.delivery.mail_tags import MailTag, TagKind, read_tag
from subnotify.delivery.sealing import SealKey
from subnotify.rules.words import DeliveryEventKind, EventSource
from subnotify.storage.tables import DeliveryEventRow
from tests.support.dns_server import DnsServer
from tests.support.scenario import Scenario
from tests.support.sending_names import put_good_domain
from tests.support.settings import SEAL_KEY, environment_for
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.web_client import session_on

RETURN = "notices@vendor.example"
HEADER = "<0123456789abcdef0123456789abcdef@vendor.example>"


@pytest.fixture
def names(dns_server: DnsServer) -> DnsServer:
    put_good_domain(dns_server)
    return dns_server


@pytest.fixture
def check(
    names: DnsServer, smtp_server: ScriptedSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    # No database: the check needs none.
    settings = environment_for("sqlite:////nowhere/at/all.sqlite", smtp_port=smtp_server.port) | {
        "SUBNOTIFY_DNS_RESOLVER": names.address,
        "SUBNOTIFY_DKIM_SELECTORS": "s1",
        "SUBNOTIFY_RETURN_ADDRESS": RETURN,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(main, ["mail", "check", *arguments])


def test_a_domain_as_it_should_be(check: Callable[..., Result]) -> None:
    done = check()
    assert done.exit_code == 0, done.output
    severities = [line.split()[:2] for line in done.output.splitlines() if line[0] != " "]
    assert severities == [
        ["ok", "MX"],
        ["ok", "SPF"],
        ["note", "SPF"],
        ["ok", "DKIM"],
        ["ok", "DMARC"],
        ["ok", "DMARC"],
        ["ok", "DMARC"],
    ]


def test_what_fails_ends_with_1_and_says_what_to_publish(
    check: Callable[..., Result], names: DnsServer
) -> None:
    names.take("s1._domainkey.vendor.example", "TXT")
    names.take("vendor.example", "TXT")
    names.put("vendor.example", "TXT", "v=spf1 \x1b]0;title\x07 -all")
    done = check()
    assert done.exit_code == 1
    assert "FAIL  DKIM" in done.output
    assert '\n                 s1._domainkey.vendor.example. TXT "v=DKIM1; k=rsa; p=..."\n' in (
        done.output
    )
    # Whoever publishes a record does not steer the terminal.
    assert "\x1b" not in done.output and "\x07" not in done.output
    assert max(map(len, done.output.splitlines())) <= 100


def test_json_is_one_object_a_line(check: Callable[..., Result], names: DnsServer) -> None:
    names.take("_dmarc.vendor.example", "TXT")
    done = check("--json")
    assert done.exit_code == 1
    found = [json.loads(line) for line in done.output.splitlines()]
    assert all(
        list(x) == ["check", "code", "severity", "fact", "remedy", "record", "facts"] for x in found
    )
    (missing,) = [x for x in found if x["severity"] == "fail"]
    assert (missing["check"], missing["code"]) == ("dmarc", "dmarc_missing")
    assert missing["record"].startswith('_dmarc.vendor.example. TXT "v=DMARC1; p=quarantine')


def test_a_test_mail_leaves_like_a_notice(
    check: Callable[..., Result], smtp_server: ScriptedSmtpServer
) -> None:
    done = check("--send-to", "me@vendor.example")
    assert done.exit_code == 0, done.output
    assert "ok    TEST MAIL" in done.output
    (mail,) = smtp_server.mails
    assert mail.recipient == "me@vendor.example"
    tag = read_tag(mail.envelope_from, RETURN, [SealKey(SEAL_KEY)])
    assert tag == MailTag(TagKind.BOUNCE, 0)
    assert mail.parsed["From"] == "privacy@vendor.example"
    assert mail.parsed["Auto-Submitted"] == "auto-generated"
    assert mail.parsed["List-Id"] == "<subprocessors.vendor.example>"
    reply_tag = read_tag(mail.parsed["Reply-To"], RETURN, [SealKey(SEAL_KEY)])
    assert reply_tag == MailTag(TagKind.REPLY, 0)
    assert "announces nothing" in mail.parsed.get_body(("plain",)).get_content()


def test_a_test_mail_that_is_refused(
    check: Callable[..., Result], smtp_server: ScriptedSmtpServer
) -> None:
    smtp_server.answer("rcpt", 550, "5.7.1 not from here", times=1)
    done = check("--send-to", "me@vendor.example")
    assert done.exit_code == 1
    assert "“550 5.7.1 not from here”" in " ".join(done.output.split())
    smtp_server.answer("mail", 553, "5.7.1 not your sender", times=1)
    done = check("--send-to", "me@vendor.example", "--json")
    assert json.loads(done.output.splitlines()[-1])["code"] == "test_mail_rejected"
    smtp_server.answer("rcpt", 451, "4.7.1 greylisted", times=1)
    done = check("--send-to", "me@vendor.example", "--json")
    last = json.loads(done.output.splitlines()[-1])
    assert (last["code"], last["severity"]) == ("test_mail_deferred", "fail")
    smtp_server.drop("final_dot", times=1)
    done = check("--send-to", "me@vendor.example", "--json")
    assert json.loads(done.output.splitlines()[-1])["code"] == "test_mail_unknown"


@pytest.mark.parametrize("address", ["", "a", "a@b, c@d", "a@b\r\nBcc: c@d", "=?utf-8?q?a?=@b.c"])
def test_a_test_mail_goes_to_one_plain_address(
    check: Callable[..., Result], smtp_server: ScriptedSmtpServer, address: str
) -> None:
    done = check("--send-to", address)
    assert done.exit_code == 2
    assert "--send-to" in done.output
    assert smtp_server.mails == []


def test_a_resolver_that_is_none(
    check: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUBNOTIFY_DNS_RESOLVER", "a:b:c:d")
    done = check()
    assert done.exit_code == 1
    assert "SUBNOTIFY_DNS_RESOLVER" in done.output


# -- import-events ----------------------------------------------------------------------------


@pytest.fixture
def run(
    database_url: str, scenario: Scenario, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    for name, value in environment_for(database_url).items():
        monkeypatch.setenv(name, value)
    announced = scenario.announce()
    scenario.set_message_id(announced, HEADER)
    scenario.session.rollback()
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(hours=1))
    return lambda *arguments: CliRunner().invoke(main, ["mail", "import-events", *arguments])


def rows(database_url: str) -> list[tuple[str, str, str]]:
    with session_on(database_url) as session:
        found = session.scalars(select(DeliveryEventRow).order_by(DeliveryEventRow.id))
        return [(x.external_id, x.kind, x.source) for x in found]


def test_a_table_of_events_is_imported_once(
    run: Callable[..., Result], database_url: str, at: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "events.csv"
    when = (at + timedelta(minutes=5)).astimezone(UTC).isoformat()
    file.write_text(
        "\ufeffEvent;id;message_id;at;host;words;other\r\n"
        f'delivered;e1;{HEADER};{when};mx.client.example;"\'=250; ok";x\r\n'
        f"failed;e2;{HEADER};{when};;;\r\n",
        encoding="utf-8",
    )
    done = run(str(file))
    assert done.exit_code == 0, done.output
    assert done.output == "events.csv: recorded 2, known 0, refused 0\n"
    assert rows(database_url) == [
        ("e1", DeliveryEventKind.DELIVERED, EventSource.FILE),
        ("e2", DeliveryEventKind.FAILED, EventSource.FILE),
    ]
    again = run(str(file))
    assert (again.exit_code, again.output) == (0, "events.csv: recorded 0, known 2, refused 0\n")
    assert len(rows(database_url)) == 2


def test_lines_that_are_refused_are_named_and_the_others_recorded(
    run: Callable[..., Result], database_url: str, at: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "events.csv"
    when = at.isoformat()
    file.write_text(
        "id,message_id,event,at\n"
        f"e1,<other@vendor.example>,delivered,{when}\n"
        f"e2,{HEADER},seen,yesterday\n"
        "\n"
        f"e3,{HEADER},relayed,{when}\n"
    )
    done = run(str(file))
    assert done.exit_code == 1
    assert done.stdout == "events.csv: recorded 1, known 0, refused 2\n"
    first, second = done.stderr.splitlines()
    assert first.startswith("events.csv, line 2: No mail of this installation")
    assert first.endswith("(e1)")
    assert second.startswith("events.csv, line 3.event: “seen” is not a known value.")
    assert "events.csv, line 3.at: “yesterday” is not an instant with its zone." in second
    assert [x[0] for x in rows(database_url)] == ["e3"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"id,event\n1,delivered\n", "The columns at are missing."),
        (b"id,event,at\n1,delivered,x\n", "The columns message_id are missing."),
        (b"id,id,event,at\n", "twice"),
        (b"\xff\xfe\0", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_such_table_changes_nothing(
    run: Callable[..., Result], database_url: str, tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / "events.csv"
    file.write_bytes(content)
    done = run(str(file))
    assert done.exit_code == 2
    assert says in done.stderr
    assert rows(database_url) == []
