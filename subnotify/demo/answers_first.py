"""What came back of the release of five months ago: every case is closed, the changes commenced."""

from datetime import datetime, timedelta

from subnotify.demo.paper_desk import PaperDesk
from subnotify.demo.plan import Plan
from subnotify.demo.scans import WrittenLetter, scan_of
from subnotify.operations.settle_objection import Settlement
from subnotify.rules.incoming_letters import GivenLetter
from subnotify.rules.words import (
    IncomingLetterKind,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
)

NAME = "alerts-and-backups"
_TERMINATION = WrittenLetter(
    "Résiliation de l’hébergement",
    "Valenciennes",
    ("Transports Garrel", "8 quai des Mariniers", "59300 Valenciennes"),
    (
        "Madame, Monsieur,",
        "Nous avons reçu votre notification relative à Coffre Alpin. Nous résilions"
        " l’hébergement, conformément à l’article 9.4 du contrat.",
        "Veuillez agréer, Madame, Monsieur, nos salutations distinguées.",
    ),
    "Étienne Garrel",
)


def plan_first_answers(plan: Plan) -> None:
    """Answers to the release of 150 days ago."""

    def accept(release_id: int, at: datetime) -> None:
        plan.clients.say(
            release_id,
            "valbrune-2021",
            ResponseKind.NO_OBJECTION,
            "pigeon-vert",
            "coffre-alpin",
            at=at,
        )

    def object_to_backups(release_id: int, at: datetime) -> None:
        plan.clients.say(
            release_id,
            "saint-aubry-2022",
            ResponseKind.OBJECTION,
            "coffre-alpin",
            text="Nos données de santé ne doivent pas quitter l’Union européenne.",
            at=at,
        )

    def accommodate(release_id: int, at: datetime) -> None:
        with plan.stage.session() as session:
            case_id = plan.stage.find_case(session, release_id, "saint-aubry-2022", "coffre-alpin")
        note = "Les sauvegardes de la clinique restent au centre de Sarreguemines."
        plan.desk.settle(case_id, Settlement(SettlementKind.ACCOMMODATED, note), at=at)

    def object_late(release_id: int, at: datetime) -> None:
        plan.clients.say(
            release_id,
            "harbour-lane-2023",
            ResponseKind.OBJECTION,
            "coffre-alpin",
            text="We only read this now: we would rather keep our backups in the EEA.",
            at=at,
        )

    plan.about(NAME, 147, 11, 25, accept)
    plan.about(NAME, 142, 10, 40, object_to_backups)
    plan.about(NAME, 139, 15, 10, accommodate)
    plan.about(NAME, 100, 17, 35, object_late)
    _plan_termination(plan)


def _plan_termination(plan: Plan) -> None:
    """Transports Garrel ends its hosting by registered letter, as its contract says."""
    timeline = plan.timeline
    sent_on, received_on = timeline.workday(133), timeline.workday(130)

    def record(release_id: int, at: datetime) -> None:
        with plan.stage.session() as session:
            notice = plan.stage.find_notice(session, release_id, "garrel-2019")
        letter = GivenLetter(
            kind=IncomingLetterKind.TERMINATION,
            channel=ResponseChannel.REGISTERED_POST,
            received_on=received_on,
            dispatched_on=sent_on,
            letter_reference="1A 204 618 7733 5",
            from_name="Étienne Garrel",
            text="Nous résilions l’hébergement, conformément à l’article 9.4 du contrat.",
            services=("hebergement",),
            case_ids=(notice.cases["coffre-alpin"],),
        )
        scan = scan_of(_TERMINATION, sent_on)
        PaperDesk(plan.stage).record_letter(letter, scan, notice_id=notice.id, at=at)

    def validate(release_id: int, at: datetime) -> None:
        with plan.stage.session() as session:
            case_id = plan.stage.find_case(session, release_id, "garrel-2019", "coffre-alpin")
        decision = Settlement(
            SettlementKind.TERMINATED,
            "Lettre recommandée expédiée dans le délai ; la résiliation est valable.",
            services=("hebergement",),
        )
        plan.desk.settle(case_id, decision, at=at)

    timeline.on(received_on, 11, 45, lambda at: record(plan.release_ids[NAME], at))
    validated_on = timeline.workday_from(received_on + timedelta(days=1))
    timeline.on(validated_on, 10, 5, lambda at: validate(plan.release_ids[NAME], at))
