"""What came back of last week's release: its windows are open, and answers wait for legal."""

from datetime import datetime

from subnotify.demo.plan import Plan
from subnotify.operations.settle_objection import Settlement
from subnotify.operations.take_objection_step import LegalStep
from subnotify.rules.words import Measure, ResponseKind, SettlementKind, StepKind

NAME = "mailer-and-translation"
MAILER, TRANSLATION = "courrier-boreal", "traduko"


def plan_third_answers(plan: Plan) -> None:
    """Answers to the release of seven days ago."""
    clients = plan.clients

    def waive(release_id: int, at: datetime) -> None:
        # Two agreements, one step and one code: both cases close before their windows end.
        clients.say(
            release_id,
            "velluti-2024",
            ResponseKind.WAIVER,
            MAILER,
            alike=("velluti-2025",),
            at=at,
        )

    def acknowledge(release_id: int, at: datetime) -> None:
        clients.acknowledge(release_id, "saint-aubry-2022", at=at)

    def ask(release_id: int, at: datetime) -> None:
        clients.say(
            release_id,
            "harbour-lane-2023",
            ResponseKind.QUESTION,
            text="Does Courrier Boréal keep the text of alerts, and for how long?",
            at=at,
        )

    def start_termination(release_id: int, at: datetime) -> None:
        # Its contract wants a registered letter: online this only announces one.
        clients.say(
            release_id,
            "bakker-2021",
            ResponseKind.OBJECTION,
            TRANSLATION,
            text="Support requests hold details of growers that no machine should read.",
            services=("assistance",),
            at=at,
        )

    def object_today(release_id: int, at: datetime) -> None:
        clients.say(
            release_id,
            "nordlicht-2023",
            ResponseKind.OBJECTION,
            MAILER,
            text="Our works council has not agreed to a processor established outside the EEA.",
            conditions="Only if our alerts are sent by a company established in the EEA.",
            at=at,
        )

    def point_elsewhere(release_id: int, at: datetime) -> None:
        clients.say(
            release_id,
            "hamon-2020",
            ResponseKind.WRONG_PERSON,
            named_name="Nadia Ferrand",
            named_address="rgpd@lycee-hamon.example",
            at=at,
        )

    def acknowledge_objection(release_id: int, at: datetime) -> None:
        text = (
            "We have read your objection. Lucie Garnier looks into it with our mail team, and"
            " writes to you today."
        )
        plan.desk.take_step(_case_of_optics(plan), LegalStep(StepKind.ACKNOWLEDGED, text), at=at)

    def propose(release_id: int, at: datetime) -> None:
        text = (
            "We can send your alerts through our own servers in Sarreguemines, so that none of your"
            " data reaches Courrier Boréal. We set it up within two days of your answer."
        )
        step = LegalStep(StepKind.PROPOSED, text, Measure.NOT_USED)
        plan.desk.take_step(_case_of_optics(plan), step, at=at)

    plan.about(NAME, 5, 11, 5, waive)
    plan.about(NAME, 5, 14, 40, acknowledge)
    plan.about(NAME, 2, 16, 50, start_termination)
    plan.about(NAME, 2, 17, 15, point_elsewhere)
    plan.about(NAME, 1, 15, 20, ask)
    plan.about(NAME, 1, 17, 10, object_today)
    plan.about(NAME, 1, 17, 25, acknowledge_objection)
    plan.about(NAME, 1, 17, 40, propose)
    plan.ago(1, 17, 55, lambda _at: plan.stage.send())
    _plan_two_answers(plan)
    _plan_more_time(plan)


def _case_of_optics(plan: Plan) -> int:
    with plan.stage.session() as session:
        return plan.stage.find_case(session, plan.release_ids[NAME], "nordlicht-2023", MAILER)


def _plan_two_answers(plan: Plan) -> None:
    """Valbrune takes the translation and refuses the mailer; legal keeps the mailer away."""

    def answer(release_id: int, at: datetime) -> None:
        plan.clients.say(release_id, "valbrune-2021", ResponseKind.NO_OBJECTION, TRANSLATION, at=at)
        plan.clients.say(
            release_id,
            "valbrune-2021",
            ResponseKind.OBJECTION,
            MAILER,
            text="La commune n’envoie pas les numéros de ses agents hors de l’Union européenne.",
            at=plan.timeline.now(),
        )

    def accommodate(release_id: int, at: datetime) -> None:
        with plan.stage.session() as session:
            case_id = plan.stage.find_case(session, release_id, "valbrune-2021", MAILER)
        note = "Les alertes de la commune partent de nos propres serveurs."
        plan.desk.settle(case_id, Settlement(SettlementKind.ACCOMMODATED, note), at=at)

    plan.about(NAME, 4, 10, 25, answer)
    plan.about(NAME, 2, 15, 45, accommodate)


def _plan_more_time(plan: Plan) -> None:
    """The dairy asks for a week more, and gets it."""
    requests: list[int] = []

    def ask(release_id: int, at: datetime) -> None:
        recorded = plan.clients.say(
            release_id,
            "combes-2020",
            ResponseKind.MORE_TIME,
            text="Notre comité se réunit dans trois semaines : une semaine de plus suffirait.",
            at=at,
        )
        requests.extend(recorded.response_ids)

    def grant(release_id: int, at: datetime) -> None:
        with plan.stage.session() as session:
            case_id = plan.stage.find_case(session, release_id, "combes-2020", MAILER)
        note = "Une semaine de plus, comme demandé."
        plan.desk.extend(case_id, requests[0], 7, note, at=at)

    plan.about(NAME, 3, 9, 55, ask)
    plan.about(NAME, 2, 11, 30, grant)
