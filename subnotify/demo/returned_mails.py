"""What came back by mail: an absence, two reports of one notice, a question, and a reply that
legal has not read yet."""

from datetime import datetime

from subnotify.demo.plan import Plan
from subnotify.rules.words import DeliveryEventKind, FiledAs


def plan_returned_mails(plan: Plan) -> None:
    """Mails that answer the notices of the history, or report on them."""
    _plan_question(plan)
    _plan_absence(plan)
    _plan_reports(plan)
    _plan_waiting_reply(plan)


def _plan_question(plan: Plan) -> None:
    """Orchard & Vale asks by mail about the second vault; legal files it, and answers."""
    mail_ids: list[int] = []
    response_ids: list[int] = []

    def ask(release_id: int, at: datetime) -> None:
        text = (
            "Thank you for the notice. Are the copies in the second vault deleted on the same day"
            " as those in the first?\n\nNiamh Doyle\nData Protection Officer"
        )
        mail_ids.append(plan.post.reply(release_id, "orchard-2022", text, at=at))

    def file(at: datetime) -> None:
        response_ids.extend(plan.desk.file_mail(mail_ids[0], FiledAs.QUESTION, at=at))

    def answer(at: datetime) -> None:
        text = "Yes: both vaults delete a copy within the same hour, thirty days after it was made."
        plan.desk.answer(response_ids[0], text, at=at)

    plan.about("second-vault", 58, 10, 20, ask)
    plan.ago(58, 11, 5, file)
    plan.ago(58, 14, 30, answer)


def _plan_absence(plan: Plan) -> None:
    """The mailbox of Studio Velluti answers by itself; its owner does two days later."""

    def answer(release_id: int, at: datetime) -> None:
        plan.post.reply_automatically(
            release_id,
            "velluti-2024",
            "Automatic reply: out of the office",
            "I am out of the office until tomorrow evening and will read your mail then.\n\n"
            "Chiara Velluti\n",
            at=at,
        )

    plan.about("mailer-and-translation", 7, 9, 42, answer)


def _plan_reports(plan: Plan) -> None:
    """The mail server of Nordlicht Optik waited for its mailboxes, and delivered in the end."""

    def delay(release_id: int, at: datetime) -> None:
        plan.post.report(release_id, "nordlicht-2023", DeliveryEventKind.DELAYED, at=at)

    def deliver(release_id: int, at: datetime) -> None:
        plan.post.report(release_id, "nordlicht-2023", DeliveryEventKind.DELIVERED, at=at)

    plan.about("pages-near-the-reader", 4, 13, 35, delay)
    plan.about("pages-near-the-reader", 4, 16, 50, deliver)


def _plan_waiting_reply(plan: Plan) -> None:
    """Saint-Aubry objects by mail on the last evening: its cases wait until legal has read it."""

    def object_by_mail(release_id: int, at: datetime) -> None:
        text = (
            "Bonjour,\n\nNous nous opposons au recours à Courrier Boréal : les alertes de la"
            " clinique nomment des patients, et ne doivent pas quitter l’Union européenne."
            "\n\nDr Hélène Ancel\nDéléguée à la protection des données"
        )
        plan.post.reply(release_id, "saint-aubry-2022", text, at=at)

    plan.about("mailer-and-translation", 1, 18, 25, object_by_mail)
