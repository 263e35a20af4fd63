"""What went and came on paper: letters posted, received and returned, one after a mail that proved
nothing, a batch that waits for the printer, a client's letter that waits, requests for the list."""

from datetime import date, datetime, timedelta

from subnotify.demo.paper_desk import PaperDesk, ToldEvent
from subnotify.demo.plan import Plan
from subnotify.demo.scans import WrittenLetter, scan_of
from subnotify.rules.incoming_letters import GivenLetter
from subnotify.rules.words import IncomingLetterKind, LetterEventKind, ResponseChannel

FIRST, SECOND, LATEST = "telephone", "mailer-and-translation", "pages-near-the-reader"
BRIEY, THORNFIELD, AUBERTIN = "briey-2022", "thornfield-2021", "aubertin-2024"
CONFLUENCE = "confluence-2023"
# Its contract gives a mail ten days to be acknowledged.
NOTHING_PROVED_AFTER = 11


def plan_paper(plan: Plan) -> None:
    """Letters of the last three releases, and letters and requests from clients."""
    desk = PaperDesk(plan.stage)
    _plan_first_letters(plan, desk)
    _plan_registered_after_mail(plan, desk)
    _plan_later_letters(plan, desk)
    _plan_letter_that_waits(plan, desk)
    _plan_requests(plan, desk)


def _plan_printing(plan: Plan, desk: PaperDesk, name: str, printed_on: date) -> date:
    """Prepared in the morning, taken to the post the same afternoon; the day it is posted."""
    plan.timeline.on(printed_on, 11, 0, plan.stage.print_letters)
    plan.timeline.on(printed_on, 15, 30, lambda at: desk.hand_over(plan.release_ids[name], at=at))
    return plan.timeline.workday_from(printed_on + timedelta(days=1))


def _plan_told(
    plan: Plan, desk: PaperDesk, name: str, day: date, hour: int, *events: ToldEvent
) -> None:
    plan.timeline.on(day, hour, 40, lambda at: desk.tell(plan.release_ids[name], events, at=at))


def _plan_first_letters(plan: Plan, desk: PaperDesk) -> None:
    """Three weeks ago: one is received, one came back, one counts by its clause.

    The day on one card was misread: a person proposed the true one, another one may confirm it.
    """
    posted_on = _plan_printing(plan, desk, FIRST, plan.timeline.workday(24))
    received_on = plan.timeline.workday_from(posted_on + timedelta(days=2))
    returned_on = plan.timeline.workday(5)
    posted = LetterEventKind.POSTED
    _plan_told(
        plan,
        desk,
        FIRST,
        posted_on,
        16,
        ToldEvent(BRIEY, posted, posted_on, "1A 207 331 4415 8"),
        ToldEvent(THORNFIELD, posted, posted_on, "RK 20 733 144 6 FR"),
        ToldEvent(AUBERTIN, posted, posted_on),
    )
    received = ToldEvent(BRIEY, LetterEventKind.RECEIVED, received_on)
    _plan_told(plan, desk, FIRST, plan.timeline.workday_from(received_on), 17, received)
    returned = ToldEvent(
        THORNFIELD, LetterEventKind.RETURNED, returned_on, note="Addressee gone away"
    )
    _plan_told(plan, desk, FIRST, returned_on, 11, returned)
    reason = "Le tampon de l’avis de réception est d’un jour plus tard que ce qui a été saisi."
    plan.about(
        FIRST,
        1,
        15,
        5,
        lambda release_id, at: desk.propose_day(
            release_id,
            BRIEY,
            LetterEventKind.RECEIVED,
            received_on + timedelta(days=1),
            reason,
            at=at,
        ),
    )


def _plan_registered_after_mail(plan: Plan, desk: PaperDesk) -> None:
    """The Régie never acknowledged the mail: a registered letter follows, and is received."""
    mailed_on = plan.timeline.workday(24)
    climbed_on = plan.timeline.workday_from(mailed_on + timedelta(days=NOTHING_PROVED_AFTER))
    plan.timeline.on(climbed_on, 6, 30, plan.stage.climb_ladder)
    posted_on = _plan_printing(plan, desk, FIRST, climbed_on)
    received_on = plan.timeline.workday_from(posted_on + timedelta(days=2))
    posted = ToldEvent(CONFLUENCE, LetterEventKind.POSTED, posted_on, "1A 207 331 5092 0")
    received = ToldEvent(CONFLUENCE, LetterEventKind.RECEIVED, received_on)
    _plan_told(plan, desk, FIRST, posted_on, 16, posted)
    _plan_told(plan, desk, FIRST, received_on, 17, received)


def _plan_later_letters(plan: Plan, desk: PaperDesk) -> None:
    """Those of last week were posted; those of this week wait for the printer."""
    posted_on = _plan_printing(plan, desk, SECOND, plan.timeline.workday(7))
    posted = LetterEventKind.POSTED
    _plan_told(
        plan,
        desk,
        SECOND,
        posted_on,
        16,
        ToldEvent(BRIEY, posted, posted_on, "1A 207 331 6618 1"),
        ToldEvent(THORNFIELD, posted, posted_on, "RK 20 733 166 2 FR"),
        ToldEvent(AUBERTIN, posted, posted_on),
    )
    plan.ago(4, 11, 0, plan.stage.print_letters)


def _plan_letter_that_waits(plan: Plan, desk: PaperDesk) -> None:
    """The dairy names another contact: legal designates it, then the letter is dealt with."""
    received_on = plan.timeline.workday(1)
    sent_on = plan.timeline.workday_until(received_on - timedelta(days=3))
    written = WrittenLetter(
        "Changement de destinataire des notifications",
        "Nozeray",
        ("Laiterie des Combes SA", "Route des Combes", "39250 Nozeray"),
        (
            "Madame, Monsieur,",
            "Mathilde Roussel nous quitte à la fin du mois. À compter de cette date, veuillez"
            " adresser toute notification prévue à l’article 7.2 du contrat à Paul Girardet,"
            " responsable conformité, p.girardet@laiterie-des-combes.example.",
            "Veuillez agréer, Madame, Monsieur, l’expression de nos salutations distinguées.",
        ),
        "Irène Cuvier",
    )
    given = GivenLetter(
        kind=IncomingLetterKind.CONTACT_CHANGE,
        channel=ResponseChannel.REGISTERED_POST,
        received_on=received_on,
        dispatched_on=sent_on,
        letter_reference="1A 199 054 2270 3",
        from_name="Irène Cuvier",
        text="Paul Girardet, p.girardet@laiterie-des-combes.example, à la place de Mathilde"
        " Roussel.",
    )
    plan.timeline.on(
        received_on,
        10,
        50,
        lambda at: desk.record_letter_of("combes-2020", given, scan_of(written, sent_on), at=at),
    )


def _plan_requests(plan: Plan, desk: PaperDesk) -> None:
    """One is answered with the document, one waits."""
    asked: list[int] = []

    def ask(at: datetime) -> None:
        asked.append(
            desk.ask_for_list(
                BRIEY,
                ResponseChannel.POST,
                "Agnès Thiriet",
                language="fr",
                note="Pour l’audit annuel des sous-traitants.",
                at=at,
            )
        )

    def ask_again(at: datetime) -> None:
        desk.ask_for_list(
            "pemberton-2018",
            ResponseChannel.REPLY,
            "Arthur Pemberton",
            language="en",
            note="Asks under clause 5.4 of the agreement.",
            at=at,
        )

    plan.ago(38, 10, 35, ask)
    plan.ago(37, 14, 55, lambda at: desk.give_list(asked[0], ResponseChannel.POST, at=at))
    plan.ago(2, 16, 10, ask_again)
