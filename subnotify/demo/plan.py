"""Where the events of the history are planned: by working days before the first start."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from subnotify.demo.clients import Clients
from subnotify.demo.desk import Desk
from subnotify.demo.return_post import ReturnPost
from subnotify.demo.stage import Stage
from subnotify.demo.timeline import Event, Timeline

# An event about a release: given the release's id and the instant.
ReleaseEvent = Callable[[int, datetime], None]


class Plan:
    """Plans events on the timeline of a stage.

    A day that is no working day becomes the last one before it. So two events planned for
    different days may share one: a later step of the same story has a later hour too.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.desk, self.clients, self.post = Desk(stage), Clients(stage), ReturnPost(stage)
        self.release_ids: dict[str, int] = {}

    @property
    def timeline(self) -> Timeline:
        return self.stage.timeline

    def ago(self, days: int, hour: int, minute: int, event: Event) -> None:
        """An event on the working day so many days before today."""
        self.timeline.on(self.timeline.workday(days), hour, minute, event)

    def about(self, name: str, days: int, hour: int, minute: int, event: ReleaseEvent) -> None:
        """An event about a release, which is drafted by then."""
        self.ago(days, hour, minute, lambda at: event(self.release_ids[name], at))

    def workday_before(self, day: date, days: int) -> date:
        """The working day at least so many days before `day`."""
        return self.timeline.workday_until(day - timedelta(days=days))
