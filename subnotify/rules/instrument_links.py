"""Where the text of a decision or a list stands in its official collection.

Only addresses that follow from the number of a document by the collection's own rule: CELEX in
EUR-Lex, the ELI of Fedlex and of legislation.gov.uk. What has no such number has no address here.
"""

import re

from subnotify.rules.transfer_verdicts import Instrument

# "2000/518/EC", "2010/146/EU", "2021/1772": the year, then the number.
_DECISION = re.compile(r"(\d{4})/(\d{1,4})(?:/E[CU])?")
_STATUTORY_INSTRUMENT = re.compile(r"SI (\d{4})/(\d{1,4})\b")
# The Data Protection Act 2018 is chapter 12 of that year.
_DPA_SCHEDULE = re.compile(r"DPA 2018 Sch\. (\d+) para\. (\d+)")
# The Data Protection Ordinance of 31 August 2022, AS 2022 568.
_SWISS_ORDINANCE = "SR 235.11"
_SWISS_ORDINANCE_ELI = "https://www.fedlex.admin.ch/eli/cc/2022/568/%s"

# Safeguards that are the annex of one decision.
_CLAUSES = {
    **{f"scc_eu_2021_m{module}": (2021, 914) for module in "1234"},
    "scc_art28_2021_915": (2021, 915),
    "scc_eu_2010_c2p": (2010, 87),
    "ch_scc": (2021, 914),
}


def official_address(instrument: Instrument | None, language: str) -> str:
    """The address of its text in `language` (en, fr) where the collection has it; "": none known.

    British law is in English only.
    """
    if instrument is None:
        return ""
    if not instrument.is_finding:
        known = _CLAUSES.get(instrument.code)
        return _eur_lex(*known, language) if known else ""
    number = instrument.number
    if instrument.code.startswith("EU-") and (found := _DECISION.fullmatch(number)):
        return _eur_lex(int(found[1]), int(found[2]), language)
    if number.startswith(_SWISS_ORDINANCE):
        return _SWISS_ORDINANCE_ELI % language
    if found := _STATUTORY_INSTRUMENT.match(number):
        return f"https://www.legislation.gov.uk/uksi/{found[1]}/{found[2]}"
    if found := _DPA_SCHEDULE.fullmatch(number):
        return (
            f"https://www.legislation.gov.uk/ukpga/2018/12/schedule/{found[1]}/paragraph/{found[2]}"
        )
    return ""


def _eur_lex(year: int, number: int, language: str) -> str:
    """By CELEX: sector 3, the year, D for decision, the number in four digits."""
    celex = f"3{year}D{number:04d}"
    return f"https://eur-lex.europa.eu/legal-content/{language.upper()}/TXT/?uri=CELEX:{celex}"
