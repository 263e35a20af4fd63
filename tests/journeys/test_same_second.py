"""Two contacts of one client press their buttons at once, one yes and one no: the no stands."""

from datetime import date

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Contact
from tests.journeys.steps import announce, open_case
from tests.journeys.test_code_again import code_in_last_mail
from tests.support.live_server import LiveVendor

PEOPLE = {"Ada Berger": "dpo@alder.example", "Ben Cole": "it@alder.example"}


def test_two_contacts_answer_differently_in_the_same_second(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(
        registry.client("alder", "Clinique des Aulnes", language="fr", contacts=PEOPLE)
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal(language="fr")
    announce(cast.publisher(), legal, commencement_on=date(2026, 6, 1))
    ada, ben = (cast.contact(email, language="fr") for email in PEOPLE.values())
    _begin(ada, "No objection")
    ada.press("Mail me the code")
    ada.fill({"Code from the mail": code_in_last_mail(ada)})
    _begin(ben, "Object")

    # Both forms leave before either of them is answered.
    confirm = ada.say("Confirm: %(kind)s", kind=ada.say("no objection"))
    for person, button in ((ada, confirm), (ben, ben.say("Send the objection"))):
        person.page.get_by_role("button", name=button, exact=True).click(no_wait_after=True)
    for person in (ada, ben):
        person.page.wait_for_url("**/receipts/*")
    vendor.run_jobs()

    rows = vendor.rows()
    assert len(rows["responses"]) == 2 and not rows["outcomes"]
    open_case(legal, "Clinique des Aulnes")
    legal.sees("Ada Berger", "Ben Cole", "Settle the objection")
    for person in (ada, ben):
        person.open_notice()
        # The other's answer is told to each of them.
        assert len(person.inbox("Receipt of your answer")) == 2
    assert legal.say("objection") in legal.text.lower()


def _begin(contact: Contact, answer: str) -> None:
    name = next(name for name, email in PEOPLE.items() if email == contact.email)
    contact.open_notice()
    contact.follow(answer)
    contact.fill({"Your first and last name": name, "Your role": "DPO"})
