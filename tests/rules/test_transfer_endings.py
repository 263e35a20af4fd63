

def test_what_could_replace_it_is_what_can_be_signed_when_it_ends():
    """Module 3 exists from 2021-06-27: not on the day of the question, but by the end."""
    recorded = in_full("adhoc_clauses", expires_on=date(2021, 6, 30))
    found = ending("IN", recorded, on=date(2021, 6, 20))
    assert found is not None
    assert [x.code for x in found.replacements] == ["scc_eu_2021_m3"]
