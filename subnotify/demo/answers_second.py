"""What came back of the release of three weeks ago: its windows are over, much is on hold."""

from datetime import datetime, timedelta

from subnotify.demo.paper_desk import PaperDesk
from subnotify.demo.plan import Plan
from subnotify.demo.scans import WrittenLetter, scan_of
from subnotify.rules.incoming_letters import GivenLetter
from subnotify.rules.words import IncomingLetterKind, ResponseChannel, ResponseKind

NAME = "telephone"
KEY = "shannon-lines"
_OBJECTION = "Nous nous opposons à l’enregistrement de la voix de nos élèves."
_LETTER = WrittenLetter(
    "Opposition à un sous-traitant ultérieur",
    "Nancy",
    ("Lycée Marguerite-Hamon", "60 avenue des Tilleuls", "54000 Nancy"),
    ("Madame, Monsieur,", _OBJECTION, "Cordialement,"),
    "Bruno Castel",
)


def plan_second_answers(plan: Plan) -> None:
    """Answers to the release of 24 days ago."""
    questions: list[int] = []

    def ask(release_id: int, at: datetime) -> None:
        recorded = plan.clients.say(
            release_id,
            "delorme-2023",
            ResponseKind.QUESTION,
            text=(
                "Les appels couverts par le secret professionnel peuvent-ils être exclus de"
                " l’enregistrement ?"
            ),
            at=at,
        )
        questions.extend(recorded.response_ids)

    def answer(at: datetime) -> None:
        text = "Oui : sur demande, aucun appel de votre cabinet n’est enregistré."
        plan.desk.answer(questions[0], text, at=at)

    def add(release_id: int, at: datetime) -> None:
        with plan.stage.session() as session:
            case_id = plan.stage.find_case(session, release_id, "delorme-2023", KEY)
        text = "L’exclusion demandée pour votre cabinet est en place depuis ce matin."
        plan.desk.write(case_id, text, at=at)

    def keep_away(release_id: int, at: datetime) -> None:
        with plan.stage.session() as session:
            case_id = plan.stage.find_case(session, release_id, "pemberton-2018", KEY)
        note = "The contract is being read; no call of this client goes over the new line."
        plan.desk.gate_out(case_id, note, at=at)

    def acknowledge(release_id: int, at: datetime) -> None:
        plan.clients.acknowledge(release_id, "brevant-2024", at=at)

    plan.about(NAME, 21, 11, 50, ask)
    plan.ago(20, 16, 30, answer)
    plan.about(NAME, 19, 17, 0, keep_away)
    plan.about(NAME, 18, 9, 40, add)
    plan.about(NAME, 10, 14, 15, acknowledge)
    plan.about(NAME, 23, 18, 0, lambda release_id, _: _plan_disputed_letter(plan, release_id))


def _plan_disputed_letter(plan: Plan, release_id: int) -> None:
    """The lycée's letter left on the last day of its window and arrived two days later."""
    with plan.stage.session() as session:
        notice = plan.stage.find_notice(session, release_id, "hamon-2020")
        sent_on = plan.stage.last_day(session, notice.cases[KEY])
    received_on = plan.timeline.workday_from(sent_on + timedelta(days=2))

    def record(at: datetime) -> None:
        letter = GivenLetter(
            kind=IncomingLetterKind.OBJECTION,
            channel=ResponseChannel.POST,
            received_on=received_on,
            dispatched_on=sent_on,
            from_name="Bruno Castel",
            text=_OBJECTION,
            case_ids=(notice.cases[KEY],),
        )
        scan = scan_of(_LETTER, sent_on)
        PaperDesk(plan.stage).record_letter(letter, scan, notice_id=notice.id, at=at)

    plan.timeline.on(received_on, 11, 15, record)
