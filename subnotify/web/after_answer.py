"""Work that waits until a page has been answered."""

import weakref
from collections.abc import Callable

from werkzeug.wrappers import Response


def do_after_answer(response: Response, work: Callable[[], None]) -> None:
    """Do `work` once, when the server is done with the answer, whatever became of it.

    Closing the answer alone is not enough: Werkzeug's server skips it when the browser drops the
    connection first (a browser follows a redirect before it has read the body). Then the work is
    done when the answer is thrown away, at the latest when the process ends.
    """
    response.call_on_close(weakref.finalize(response, work))
