"""What came back of the amendment of two months ago: it commenced, though not for everybody."""

from datetime import datetime

from subnotify.demo.desk_transfers import TransferDesk
from subnotify.demo.plan import Plan
from subnotify.operations.settle_objection import Settlement
from subnotify.rules.words import ResponseKind, SettlementKind

NAME = "second-vault"
KEY = "coffre-alpin"


def plan_vault_answers(plan: Plan) -> None:
    """Answers to the release of 62 days ago.

    Saint-Aubry has kept its backups away from the vaults before, and does so again; Valbrune keeps
    the vaults it knows. The contract of one Swiss client keeps the change away from it, the other
    one agrees in writing.
    """
    transfers = TransferDesk(plan.stage)

    def keep_away(release_id: int, at: datetime) -> None:
        plan.clients.say(
            release_id,
            "saint-aubry-2022",
            ResponseKind.OBJECTION,
            KEY,
            text="Nos sauvegardes restent à Sarreguemines, comme convenu.",
            at=at,
        )

    def accommodate_clinic(release_id: int, at: datetime) -> None:
        note = "Rien ne change pour la clinique : ses sauvegardes restent à Sarreguemines."
        _accommodate(plan, release_id, "saint-aubry-2022", note, at)

    def object_to_support(release_id: int, at: datetime) -> None:
        plan.clients.say(
            release_id,
            "valbrune-2021",
            ResponseKind.OBJECTION,
            KEY,
            text="Personne ne doit intervenir sur nos sauvegardes depuis un pays hors d’Europe.",
            at=at,
        )

    def accommodate_town(release_id: int, at: datetime) -> None:
        note = "Les sauvegardes de la commune restent à Sion, où l’assistance est assurée le jour."
        _accommodate(plan, release_id, "valbrune-2021", note, at)

    def agree(release_id: int, at: datetime) -> None:
        transfers.except_country(
            "mauverney-2025",
            "CA",
            KEY,
            reference="Avenant n° 2",
            note="Signé par le gérant ; l’assistance de nuit seulement.",
            from_on=plan.timeline.workday(56),
            at=at,
        )
        transfers.except_country(
            "mauverney-2025",
            "LI",
            KEY,
            reference="Avenant n° 2",
            from_on=plan.timeline.workday(56),
            at=plan.timeline.now(),
        )

    plan.about(NAME, 59, 10, 35, keep_away)
    plan.about(NAME, 58, 16, 20, accommodate_clinic)
    plan.about(NAME, 57, 11, 10, object_to_support)
    plan.about(NAME, 54, 15, 30, accommodate_town)
    plan.about(NAME, 54, 16, 45, agree)


def _accommodate(plan: Plan, release_id: int, agreement: str, note: str, at: datetime) -> None:
    with plan.stage.session() as session:
        case_id = plan.stage.find_case(session, release_id, agreement, KEY)
    plan.desk.settle(case_id, Settlement(SettlementKind.ACCOMMODATED, note), at=at)
