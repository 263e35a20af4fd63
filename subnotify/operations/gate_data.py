"""The gate's answer as data: the same for the API and for the command."""

from typing import Any

from subnotify.operations.ask_gate import GateAnswer, WithheldClient
from subnotify.rules.gates import Blocker


def gate_data(answer: GateAnswer) -> dict[str, Any]:
    """What `GET /api/v1/changes/<id>/gate` says; its fields are named in web/gate-json.md.

    Days are the vendor's; instants are UTC, in ISO 8601.
    """
    gate = answer.gate
    starts_at = gate.commencement_at
    return {
        "change": answer.change_id,
        "release": answer.release_number,
        "kind": answer.kind.value,
        "subprocessor": answer.subprocessor,
        "state": answer.state.value,
        "ready": answer.is_ready,
        "blocked_by": [_blocker(blocker, answer) for blocker in answer.blockers],
        "commencement_on": answer.commencement_on.isoformat() if answer.commencement_on else None,
        "commencement_at": starts_at.isoformat() if starts_at else None,
        "cases": {
            "all": gate.cases,
            "settled": gate.settled,
            "used_while_window_runs": gate.early,
            "not_settled": gate.blocking,
            "gated_out": gate.gated_out,
            "country_not_allowed": gate.not_allowed,
        },
        "withheld": [_withheld(one) for one in answer.withheld],
    }


def _blocker(blocker: Blocker, answer: GateAnswer) -> dict[str, Any]:
    counted = blocker is Blocker.CASES_NOT_SETTLED
    return {"reason": blocker.value, **({"cases": answer.gate.blocking} if counted else {})}


def _withheld(one: WithheldClient) -> dict[str, Any]:
    client = one.client
    return {
        "client": client.client,
        "agreement": client.agreement,
        "notice": client.notice_reference,
        "why": one.use.value,
        "case": client.state.value,
        "outcome": client.outcome.value if client.outcome else None,
        "countries": list(client.blocked_countries),
    }
