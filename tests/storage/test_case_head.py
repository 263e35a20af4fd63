"""What names a case."""

from subnotify.storage.case_head import load_case_head
from subnotify.web.case_views import title_of
from subnotify.wording.language import wording_for
from tests.support.scenario import Scenario


def test_the_case_of_a_replacement_names_what_is_replaced(session, at):
    announced = Scenario(session, at=at).announce(changes=2)
    addition, replacement = (load_case_head(session, x, at=at) for x in announced.case_ids)
    assert addition.replaced is None
    assert replacement.replaced is not None
    title = title_of(replacement, wording_for("en"))
    assert replacement.announced.name in title
    assert replacement.replaced.name in title
