"""What operators do in every journey: draft, approve, release, find a case, confirm."""

from datetime import date

from tests.journeys.people import Operator, Person


def draft_addition(publisher: Operator) -> None:
    """Write a new subprocessor into the registry, first with a gap, as people do."""
    publisher.go_to("Registry")
    publisher.follow("New subprocessor")
    publisher.fill(
        {
            "Legal name": "Mirador Analytics GmbH",
            "Postal address": "Hafenstraße 12, 20457 Hamburg, Germany",
            "Activities, in English": "Analyses alerts for patterns",
            "Activities, in French": "Analyse les alertes",
            "Personal data it gets, in English": "Names and email addresses",
            "Personal data it gets, in French": "Noms et adresses électroniques",
            "Agreement signed on": "2026-01-15",
        }
    )
    publisher.choose("Hexapode Watch", "processor")
    for row, (country, what) in enumerate((("Germany", "seat"), ("Ireland", "hosting"))):
        publisher.select("Country", country, row)
        publisher.select("What is there", what, row)
    publisher.press("Save the draft")
    publisher.sees("Missing before it can be published or released:", "Contact for data protection")
    publisher.follow("Contact for data protection")
    publisher.fill({"Contact for data protection": "datenschutz@mirador.example"})
    publisher.press("Save the draft")
    publisher.sees_not("Missing before it can be published or released:")


def draft_release(publisher: Operator, *, commencement_on: date, by_itself: bool = True) -> None:
    """From the drafted changes of the registry, all of them, to the preview."""
    publisher.go_to("Releases")
    publisher.follow("Draft a release")
    publisher.fill(
        {
            "Reason for the change, in English": "Patterns in alerts are found sooner.",
            "Reason for the change, in French": "Les motifs d'alerte sont trouvés plus tôt.",
            "Day of commencement": commencement_on.isoformat(),
        }
    )
    if by_itself:
        publisher.choose("Commence by itself on that day, once every case is settled")
    publisher.press("Save and check")
    publisher.sees("Complete. Legal can approve it.")


def read_mail(publisher: Operator, client: str) -> str:
    """The text of the mail that a client would get, from the preview of the release."""
    publisher.follow("See who")
    publisher.follow("See the mail", within=publisher.row(client))
    publisher.page.frame_locator("iframe").locator("h1").wait_for()
    text = " ".join(publisher.page.locator("main pre").inner_text().split())
    publisher.follow("Back to the preview")
    return text


def approve_release(legal: Operator, *, unservable: bool = False) -> None:
    """The newest draft, with the list of agreements that cannot be served confirmed if there is."""
    legal.go_to("Releases")
    open_newest(legal)
    legal.follow("Go on to approve")
    if unservable:
        legal.choose("I have checked this list: these agreements are dealt with by hand")
    legal.press("Approve this revision")
    legal.sees("The release is approved. A publisher can release it now.")


def open_newest(operator: Operator) -> None:
    """The newest release of the list."""
    operator.follow_in(operator.page.get_by_role("rowheader").first)


def go_on_to_release(publisher: Operator) -> None:
    """To the last page before everything goes out."""
    publisher.go_to("Releases")
    open_newest(publisher)
    publisher.follow("Go on to release")


def release(publisher: Operator, *, agreements: int = 1) -> None:
    go_on_to_release(publisher)
    text = "Release to %(num)s agreement" if agreements == 1 else "Release to %(num)s agreements"
    publisher.press(text, num=agreements)


def announce(
    publisher: Operator,
    legal: Operator,
    *,
    commencement_on: date,
    agreements: int = 1,
) -> None:
    """Draft, approve and release everything that is drafted; then the jobs run once."""
    draft_release(publisher, commencement_on=commencement_on)
    approve_release(legal)
    release(publisher, agreements=agreements)
    publisher.vendor.run_jobs()


def open_case(operator: Operator, client: str, *, closed: bool = False) -> None:
    """The case of a client, found on the board."""
    operator.go_to("Board")
    if closed:
        operator.follow("Closed", within=operator.page.locator(".state-counts"))
    operator.follow_in(operator.page.get_by_role("rowheader").filter(has_text=client).first)


def confirm_read(legal: Operator, *, post: bool = False) -> None:
    """Everything that came until now has been read: replies, or registered post."""
    legal.go_to("Confirmations")
    legal.press("Confirm: registered post opened" if post else "Confirm: replies read")
    legal.sees("The confirmation is recorded.")


def listed(person: Person) -> set[str]:
    """Who is in force, as the data of the public list say."""
    answer = person.context.request.get(person.vendor.address + "/subprocessors.json")
    return {entry["name"] for entry in answer.json()["entries"]}
