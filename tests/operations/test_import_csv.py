"""Tables of clients, contacts, agreements and designations: in, out, and what they would change."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from subnotify.operations.import_differences import Effect, FieldChange, entries_digest
from subnotify.operations.import_files import (
    DifferencesChanged,
    import_files,
)
from subnotify.rules.terms import Period
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    ClientRow,
    ContactRow,
    ServiceRow,
    TermsVersionRow,
)
from tests.support.csv_imports import (
    PARIS,
    PAUL,
    bring_tables,
    exported,
    files_of,
    preview_tables,
    table_refusals,
)
from tests.support.imports import bring, everything, published
from tests.support.samples import COMPLETED_LIST, EXAMPLE, sample

CLIENTS = "key,name,country\nmairie,Mairie de Vouziers,FR\n"
AGREEMENTS = (
    "key,client,reference,language,services,preset,proof_of_receipt\n"
    "m-2026,mairie,AIG-7,fr,assistance | veille 2026-01-01..,fr-15-days,acknowledgement\n"
)
CONTACTS = "client;key;name;email\nmairie;dpo;Jeanne Petit;dpo@mairie.example\n"
DESIGNATIONS = "agreement,contact,kind,clause\nm-2026,dpo,notice,Annexe 2\n"
ALL = {
    "clients": CLIENTS,
    "contacts": CONTACTS,
    "agreements": AGREEMENTS,
    "designations": DESIGNATIONS,
}
VENDOR = """
vendor: {name: Hexapode, contact_email: dpo@hexapode.example}
services: [{key: assistance, name: Assistance}, {key: veille, name: Veille}]
"""


def test_four_tables_make_an_agreement(session: Session, at: datetime):
    bring(session, VENDOR, at)
    report = bring_tables(session, at, **ALL)
    assert {(x.section, x.new, x.changed, x.unchanged) for x in report.lines} == {
        ("clients", 1, 0, 0),
        ("contacts", 1, 0, 0),
        ("agreements", 1, 0, 0),
    }
    bought = session.scalars(select(AgreementServiceRow).order_by(AgreementServiceRow.id)).all()
    assert [x.from_on for x in bought] == [None, date(2026, 1, 1)]
    fields = {x.name: x.after for x in report.entries[-1].fields if x.name.startswith("terms")}
    assert fields == {"terms.preset": "fr-15-days", "terms.proof_of_receipt": "acknowledgement"}
    terms = terms_from_mapping(session.scalars(select(TermsVersionRow)).one().terms)
    assert (terms.preset, terms.objection_period) == ("fr-15-days", Period(15))
    (designation,) = session.scalars(select(AgreementContactRow)).all()
    assert (designation.kind, designation.clause) == ("notice", "Annexe 2")
    assert bring_tables(session, at, **ALL).changes == 0


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("name", [EXAMPLE, COMPLETED_LIST])
def test_what_is_exported_changes_nothing_when_imported(
    session: Session, at: datetime, name: str, separator: str
):
    published(session, sample(name), at)
    before = everything(session)
    report = bring_tables(session, at + timedelta(days=1), **exported(session, separator))
    assert report.entries == () and everything(session) == before


def test_a_preview_changes_nothing_and_says_what_would_happen(session: Session, at: datetime):
    published(session, sample(EXAMPLE), at)
    before = everything(session)
    tables = exported(session)
    tables["agreements"] = tables["agreements"].replace(b"AIG-2024-017", b"AIG-2026-001")
    tables["clients"] += b"new,=New,FR\r\n"
    preview = preview_tables(session, at, **tables)
    assert everything(session) == before
    assert [(x.section, x.key, x.effect) for x in preview.entries] == [
        ("clients", "new", Effect.NEW),
        ("agreements", "mairie-vouziers-2024", Effect.CHANGED),
    ]
    assert preview.entries[1].fields == (FieldChange("reference", "AIG-2024-017", "AIG-2026-001"),)
    done = import_files(
        session,
        files_of(tables),
        by=PAUL,
        at=at,
        zone=PARIS,
        shown=entries_digest(preview.entries),
    )
    assert done == preview
    assert bring_tables(session, at, **tables).entries == ()


def test_other_differences_than_those_shown_are_refused(session: Session, at: datetime):
    published(session, sample(EXAMPLE), at)
    tables = {"clients": "key,name,country\nmairie-vouziers,Vouziers,FR\n"}
    shown = entries_digest(preview_tables(session, at, **tables).entries)
    bring(session, sample(EXAMPLE).replace(b"Mairie de Vouziers", b"Commune de Vouziers"), at)
    before = everything(session)
    with pytest.raises(DifferencesChanged):
        import_files(session, files_of(tables), by=PAUL, at=at, zone=PARIS, shown=shown)
    assert everything(session) == before


def test_a_yaml_file_is_previewed_too(session: Session, at: datetime):
    bring(session, VENDOR, at)
    before = everything(session)
    source = VENDOR.replace("name: Veille", "name: Watch").encode()
    preview = preview_tables(session, at, **{"registry.yaml": source})
    (entry,) = preview.entries
    assert (entry.section, entry.key) == ("services", "veille")
    assert entry.fields == (FieldChange("name", "Veille", "Watch"),)
    assert everything(session) == before


def test_a_column_left_out_stays_and_an_empty_cell_empties(session: Session, at: datetime):
    bring(session, VENDOR, at)
    bring_tables(session, at, **ALL)
    bring_tables(session, at, contacts="client,key,name\nmairie,dpo,Jeanne P.\n")
    contact = session.scalars(select(ContactRow)).one()
    assert (contact.name, contact.email) == ("Jeanne P.", "dpo@mairie.example")
    bring_tables(session, at, contacts="client,key,name,email\nmairie,dpo,Jeanne P.,\n")
    session.expire_all()
    assert session.scalars(select(ContactRow)).one().email is None


def test_terms_change_in_the_columns_given_only(session: Session, at: datetime):
    bring(session, VENDOR, at)
    bring_tables(session, at, **ALL)
    bring_tables(
        session,
        at,
        agreements="key,client,reference,language,objection_number\nm-2026,mairie,AIG-7,fr,20\n",
    )
    old, new = session.scalars(select(TermsVersionRow).order_by(TermsVersionRow.number)).all()
    assert not old.is_current and new.is_current
    assert terms_from_mapping(new.terms).objection_period == Period(20)
    assert terms_from_mapping(new.terms).silence_broken_by == "any_response"


def test_a_designated_contact_changes_with_its_letter(session: Session, at: datetime):
    published(session, sample(COMPLETED_LIST), at)
    bring_tables(session, at, **ALL)
    other = CONTACTS.replace("dpo@mairie", "privacy@mairie")
    assert "is changed by registered letter" in " ".join(
        table_refusals(session, at, contacts=other)
    ).replace("a designated contact is", "is")
    letter = "agreement,contact,kind,letter_reference\nm-2026,dpo,notice,1A 202 1\n"
    preview = preview_tables(session, at, contacts=other, designations=letter)
    assert [x.key for x in preview.entries] == ["mairie/dpo", "m-2026"]
    bring_tables(session, at, contacts=other, designations=letter)
    stands = session.scalars(
        select(AgreementContactRow).where(AgreementContactRow.ended_on.is_(None))
    ).one()
    # A column that the table leaves out stays as it is.
    assert (stands.letter_reference, stands.clause) == ("1A 202 1", "Annexe 2")


def test_every_problem_names_file_line_and_column(session: Session, at: datetime):
    bring(session, VENDOR, at)
    bring_tables(session, at, **ALL)
    said = table_refusals(
        session,
        at,
        clients="key,name,country\nmairie,Mairie,UK\nx y,,FR\n",
        contacts="client,key,name,email\nnobody,a,A,a@b.example\nmairie,b,B,none\n",
        agreements=(
            "key,client,reference,language,services,objection_number,signed_on\n"
            "m-2026,mairie,AIG-7,fr,veille since May,some,31/03/2026\n"
        ),
        designations="agreement,contact,kind\nm-2026,dpo,both\nm-2027,dpo,notice\n",
    )
    starts = [
        "clients.csv, line 2, column country: “UK” is not a country code.",
        "clients.csv, line 3, column key: “x y” is not a key.",
        "clients.csv, line 3, column name: This is missing.",
        "contacts.csv, line 2, column client: “nobody” is not known.",
        "contacts.csv, line 3, column email: “none” is not an email address.",
        "agreements.csv, line 2, column services: “veille since May” is not a service",
        "agreements.csv, line 2, column objection_number: “some” is not a whole number",
        "agreements.csv, line 2, column signed_on: “31/03/2026” is not a day.",
        "designations.csv, line 2, column kind: “both” is not a known value.",
        "designations.csv, line 3, column agreement: “m-2027” is not known.",
    ]
    for start in starts:
        assert any(one.startswith(start) for one in said), (start, said)
    assert len(said) == len(starts)


def test_what_depends_on_what_is_stored_is_located_too(session: Session, at: datetime):
    published(session, sample(COMPLETED_LIST), at)
    bring_tables(session, at, **ALL)
    bring_tables(session, at, clients="key,name,country\nother,Other,FR\n")
    (said,) = table_refusals(
        session,
        at,
        agreements="key,client,reference,language\nm-2026,other,AIG-7,fr\n",
    )
    assert said.startswith("agreements.csv, line 2, column client: This agreement belongs")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"a.pdf": "x"}, "a.pdf: It cannot be told what this file holds."),
        ({"r.yaml": "services: []", "clients": CLIENTS}, "r.yaml: This file is imported by itself"),
    ],
)
def test_files_that_do_not_go(session: Session, at: datetime, given: dict[str, str], said: str):
    (problem,) = table_refusals(session, at, **given)
    assert problem.startswith(said)


def test_a_table_without_rows_changes_nothing(session: Session, at: datetime):
    assert bring_tables(session, at, clients="key,name,country\n").lines == ()


STRIPPED = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20
).map(str.strip)
FORMULA = st.sampled_from(("=1+1", "+33 1", "-5", "@A1", "'=x", "''", 'a"b', "a;b,c", "a\r\nb"))
TEXT = STRIPPED | FORMULA
NAME = TEXT.filter(bool)
DAY = st.none() | st.dates(date(1990, 1, 1), date(2060, 1, 1))
PERIOD = st.builds(Period, st.integers(0, 365), st.sampled_from(("days", "months"))) | st.none()


@st.composite
def registries(draw: st.DrawFn) -> list[dict[str, object]]:
    """Clients, each with contacts, agreements, services, designations and terms."""
    return [
        {
            "name": draw(NAME),
            "contacts": draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "name": NAME,
                            "role_title": TEXT,
                            "email": st.sampled_from([None, "dpo@mairie.example"]),
                            "postal_address": TEXT,
                            "phone": TEXT,
                        }
                    ),
                    max_size=3,
                )
            ),
            "agreement": draw(
                st.fixed_dictionaries(
                    {
                        "reference": NAME,
                        "language": st.sampled_from(["en", "fr"]),
                        "signed_on": DAY,
                        "ended_on": DAY,
                    }
                )
            ),
            "bought": draw(st.none() | st.tuples(DAY, DAY).filter(lambda x: None in x)),
            "designations": draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "kind": st.sampled_from(["notice", "copy"]),
                            "clause": TEXT,
                            "designated_on": DAY,
                            "letter_reference": TEXT,
                        }
                    ),
                    max_size=3,
                )
            ),
            "objection_period": draw(st.none() | PERIOD),
        }
        for _ in range(draw(st.integers(0, 3)))
    ]


def _store(session: Session, registry: list[dict[str, object]], at: datetime) -> None:
    for table in (
        *(AgreementContactRow, AgreementServiceRow, TermsVersionRow, AgreementRow),
        *(ContactRow, ClientRow, ServiceRow),
    ):
        session.execute(delete(table))
    service = ServiceRow(key="mail", name="Mail")
    session.add(service)
    for number, one in enumerate(registry):
        client = ClientRow(key=f"c{number}", name=one["name"], country="FR", created_at=at)
        session.add(client)
        session.flush()
        contacts = [
            ContactRow(client_id=client.id, key=f"p{place}", **given)
            for place, given in enumerate(one["contacts"])
        ]
        agreement = AgreementRow(key=f"a{number}", client_id=client.id, **one["agreement"])
        session.add_all([*contacts, agreement])
        session.flush()
        if one["bought"] is not None:
            from_on, until_on = one["bought"]
            session.add(
                AgreementServiceRow(
                    agreement_id=agreement.id,
                    service_id=service.id,
                    from_on=from_on,
                    until_on=until_on,
                )
            )
        session.add_all(
            AgreementContactRow(agreement_id=agreement.id, contact_id=contact.id, **given)
            for contact, given in zip(contacts, one["designations"], strict=False)
        )
        if one["objection_period"] is not None:
            _store_terms(session, agreement.id, one["objection_period"], at)
    session.commit()


def _store_terms(session: Session, agreement_id: int, period: Period, at: datetime) -> None:
    plain = {"preset": "fr-15-days", "objection_period": {"number": 1, "unit": "days"}}
    plain["objection_period"] = {"number": period.number, "unit": str(period.unit)}
    terms = terms_from_mapping(plain)
    session.add(
        TermsVersionRow(
            agreement_id=agreement_id,
            number=1,
            is_current=True,
            terms=terms_to_mapping(terms),
            digest="0" * 64,
            recorded_at=at,
            recorded_by="test",
        )
    )


@given(registry=registries(), separator=st.sampled_from([",", ";"]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_registry_survives_the_round_trip(
    session: Session, at: datetime, registry: list[dict[str, object]], separator: str
):
    bring(session, VENDOR.splitlines()[1], at)
    _store(session, registry, at)
    tables = exported(session, separator)
    before = everything(session)
    report = bring_tables(session, at, **tables)
    assert report.entries == () and everything(session) == before
    assert exported(session, separator) == tables
