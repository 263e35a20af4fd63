"""What clients answer in the history, each through the personal link of its notice mail."""

import secrets
from datetime import datetime

from subnotify.demo.code_mails import send_code_mail
from subnotify.demo.stage import Stage
from subnotify.operations.acknowledge_notice import acknowledge_notice
from subnotify.operations.confirm_code import confirm_code
from subnotify.operations.record_response import Recorded, record_response
from subnotify.rules.responses import Answer
from subnotify.rules.words import ResponseKind


class Clients:
    """The clients' contacts at their screens."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def say(
        self,
        release_id: int,
        agreement: str,
        kind: ResponseKind,
        *changes: str,
        text: str = "",
        services: tuple[str, ...] = (),
        alike: tuple[str, ...] = (),
        at: datetime,
        **rare: str,
    ) -> Recorded:
        """Answer a notice; changes: keys of the subprocessors the answer is about. alike: other
        agreements of the client that get the same answer. rare: what only some kinds of answers
        hold, as `Answer` names it. What needs a code is confirmed with it."""
        stage = self._stage
        with stage.session() as session:
            notice = stage.find_notice(session, release_id, agreement)
            others = [stage.find_notice(session, release_id, other) for other in alike]
            session.rollback()
            answer = Answer(
                kind,
                notice.contact_name,
                notice.contact_role,
                text=text,
                case_ids=tuple(notice.cases[key] for key in changes),
                services=services,
                **rare,
            )
            recorded = record_response(
                session,
                notice.link_digest,
                answer,
                elsewhere=[other.id for other in others],
                form_key=secrets.token_urlsafe(16),
                code_key=stage.code_key,
                legal_email=stage.settings.legal_email,
                at=at,
            )
            if recorded.code is not None:
                case_ids = answer.case_ids
                send_code_mail(stage, notice, case_ids, kind, recorded.code, at=at)
                confirm_code(
                    session,
                    notice.link_digest,
                    recorded.reference,
                    recorded.code.code,
                    code_key=stage.code_key,
                    at=stage.timeline.now(),
                )
        stage.send()
        return recorded

    def acknowledge(self, release_id: int, agreement: str, *, at: datetime) -> None:
        """Acknowledge receipt: no answer, but it proves that the notice arrived."""
        stage = self._stage
        with stage.session() as session:
            notice = stage.find_notice(session, release_id, agreement)
            session.rollback()
            acknowledge_notice(
                session,
                notice.link_digest,
                by_name=notice.contact_name,
                by_role=notice.contact_role,
                form_key=secrets.token_urlsafe(16),
                at=at,
            )
        stage.send()
