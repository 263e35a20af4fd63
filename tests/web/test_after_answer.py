"""What is done after an answer is done once, also if nobody closes the answer."""

import gc

from werkzeug.test import create_environ
from werkzeug.wrappers import Response

from subnotify.web.after_answer import do_after_answer


def test_work_is_done_once_when_the_answer_is_closed() -> None:
    done: list[str] = []
    response = Response("body")
    do_after_answer(response, lambda: done.append("sent"))
    assert done == []
    response.close()
    assert done == ["sent"]
    del response
    gc.collect()
    assert done == ["sent"]


def test_work_is_done_when_the_server_drops_the_answer_without_closing_it() -> None:
    done: list[str] = []
    response = Response("body")
    do_after_answer(response, lambda: done.append("sent"))
    answer = response.get_app_iter(create_environ())
    del response
    assert done == []
    del answer
    gc.collect()
    assert done == ["sent"]
