"""Who looks after which case in the history: legal shares its open cases out."""

from datetime import datetime

from sqlalchemy import select

from subnotify.demo.plan import Plan
from subnotify.operations.act_on_cases import assign_cases
from subnotify.rules.words import CaseState
from subnotify.storage.tables import CaseRow

LUCIE, AMIR = "Lucie Garnier", "Amir Benali"


def plan_owners(plan: Plan) -> None:
    """What waits for a person goes to Lucie, each third of the rest to Amir; some have nobody."""

    def share_out(at: datetime) -> None:
        lucie = plan.stage.operator(LUCIE)
        who = {"by": lucie.name, "actor": f"operator:{lucie.id}"}
        with plan.stage.session() as session:
            rows = session.execute(
                select(CaseRow.id, CaseRow.state)
                .where(CaseRow.state != CaseState.CLOSED.value)
                .order_by(CaseRow.id)
            ).all()
            session.rollback()
            waiting = {CaseState.HOLD.value, CaseState.OBJECTED.value}
            mine = [row.id for row in rows if row.state in waiting or row.id % 3 == 1]
            others = [row.id for row in rows if row.id not in mine and row.id % 3 == 2]
            assign_cases(session, mine, LUCIE, at=at, **who)
            assign_cases(session, others, AMIR, at=at, **who)

    plan.ago(1, 16, 35, share_out)
