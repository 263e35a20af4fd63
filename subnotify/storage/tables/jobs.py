"""What the jobs did last. The domain's tables are the truth; this is for `jobs status`."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.storage.tables.base import Base


class JobRunRow(Base):
    __tablename__ = "job_runs"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    # What the last finished run did, one line; what the last failed run said.
    result: Mapped[str | None] = mapped_column(Text)
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Text)
