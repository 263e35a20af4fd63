"""How the list is kept in the history: what Swiss clients allow, corrections, a basis that ends."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from subnotify.demo.desk_transfers import TransferDesk, with_entries_checked_on
from subnotify.demo.plan import Plan
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_lapses import STAGES

# In changes/0-status-page.yaml its certification is due so many days after the first start.
CERTIFIED, DUE_IN = "lantern-status", 75
SWISS_AGREEMENTS = ("luethi-2025", "mauverney-2025")


def plan_upkeep(plan: Plan, today: date) -> None:
    """today: the day of the first start."""
    _plan_exceptions(plan)
    _plan_corrections(plan)
    _plan_lapse(plan, today)


def _plan_exceptions(plan: Plan) -> None:
    """Their contracts allow, from the start, the one service from another country they use."""
    transfers = TransferDesk(plan.stage)

    def record(at: datetime) -> None:
        for agreement in SWISS_AGREEMENTS:
            transfers.except_country(
                agreement,
                "US",
                "sentry",
                reference="Annex 2" if agreement == "luethi-2025" else "Annexe B",
                from_on=plan.timeline.workday(199),
                at=plan.timeline.now(),
            )

    plan.ago(199, 15, 25, record)


def _plan_corrections(plan: Plan) -> None:
    """One is confirmed, one waits for another person."""
    transfers = TransferDesk(plan.stage)
    proposed: list[int] = []
    checked_on = plan.timeline.workday(41)

    def check_again(facts: SubprocessorFacts) -> SubprocessorFacts:
        return with_entries_checked_on(facts, checked_on)

    def propose(at: datetime) -> None:
        reason = (
            "Entrée de la liste du Data Privacy Framework vérifiée à nouveau ; elle est active."
        )
        proposed.append(transfers.propose_correction(CERTIFIED, check_again, reason, at=at))

    def confirm(at: datetime) -> None:
        transfers.confirm_correction(proposed[0], at=at)

    def write_contact(facts: SubprocessorFacts) -> SubprocessorFacts:
        return replace(
            facts,
            contact="protection.donnees@zendesk.example, +1-888-670-4887",
            demonstration_values=("contact", *facts.demonstration_values),
        )

    def propose_contact(at: datetime) -> None:
        reason = "Une adresse pour les questions de protection des données, en plus du téléphone."
        transfers.propose_correction("zendesk", write_contact, reason, at=at)

    plan.ago(41, 11, 40, propose)
    plan.ago(40, 9, 50, confirm)
    plan.ago(2, 14, 35, propose_contact)


def _plan_lapse(plan: Plan, today: date) -> None:
    """The daily job finds the certification on the days on which it has something to tell."""
    due_on = today + timedelta(days=DUE_IN)

    def note(at: datetime) -> None:
        TransferDesk(plan.stage).note_lapses(
            CERTIFIED,
            "Lantern a demandé le renouvellement. Les clauses contractuelles types (module 3) sont"
            " prêtes à signer, si la certification n’est pas renouvelée à temps.",
            at=at,
        )

    for days in STAGES:
        found_on = due_on - timedelta(days=days - 1)
        plan.timeline.on(found_on, 3, 0, lambda _: plan.stage.run_jobs())
    plan.ago(11, 10, 30, note)
