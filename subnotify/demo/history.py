"""The past half year of the demonstration's vendor: releases in every phase, and what came back.

All days are relative to the first start, on working days, at office hours of the vendor's zone.
"""

from datetime import date, datetime, timedelta

from subnotify.demo.answers_first import plan_first_answers
from subnotify.demo.answers_paper import plan_paper
from subnotify.demo.answers_second import plan_second_answers
from subnotify.demo.answers_third import plan_third_answers
from subnotify.demo.answers_vault import plan_vault_answers
from subnotify.demo.cast import Cast, WrittenRelease, read_releases
from subnotify.demo.owners import plan_owners
from subnotify.demo.plan import Plan
from subnotify.demo.returned_mails import plan_returned_mails
from subnotify.demo.stage import Stage
from subnotify.demo.upkeep import plan_upkeep
from subnotify.demo.withdrawn import plan_withdrawn
from subnotify.operations.add_operator import add_operator
from subnotify.operations.second_factor import code_at, set_up_second_factor
from subnotify.rules.second_factor import step_of
from subnotify.storage.operators import Operator

PUBLISHED_AGO = 200
# Contracts signed lately: the releases before do not concern them, the drafts do.
NEW_CLIENTS_AGO = 3
# Legal reads replies and post on Mondays, and has not come to it later than this: what closed
# since waits for a confirmation, which a visitor can give on the desk.
LAST_READ_AGO = 11
MONDAY = 0
# On so many mornings before the first start the summary for legal came.
SUMMED_UP = 3


def play_history(stage: Stage, cast: Cast, *, today: date, at: datetime) -> None:
    """Play the past up to `at`, the present; today: its day in the vendor's zone."""
    plan = Plan(stage)
    _plan_set_up(plan, cast, today)
    _plan_routine(plan, today)
    for written in read_releases().values():
        _plan_release(plan, written)
    plan_first_answers(plan)
    plan_second_answers(plan)
    plan_third_answers(plan)
    plan_vault_answers(plan)
    plan_paper(plan)
    plan_upkeep(plan, today)
    plan_returned_mails(plan)
    plan_withdrawn(plan)
    plan_owners(plan)
    stage.timeline.play(until=at)


def _set_up_telephone(plan: Plan, operator: Operator, key: str, at: datetime) -> None:
    """The second factor that the operator's role asks for; /mailbox/codes shows its codes."""
    with plan.stage.session() as session:
        set_up_second_factor(
            session,
            operator,
            secret=key,
            code=code_at(key, step_of(at)),
            token_digest="",  # of no session
            may_replace=False,
            seal_key=plan.stage.settings.seal_key,
            at=at,
        )


def _plan_set_up(plan: Plan, cast: Cast, today: date) -> None:
    def add_operators(at: datetime) -> None:
        with plan.stage.session() as session:
            for player in cast.operators:
                operator = add_operator(
                    session,
                    name=player.name,
                    email=player.email,
                    roles=player.roles,
                    password=player.password,
                    actor="command",
                    at=at,
                )
                if player.telephone_key:
                    _set_up_telephone(plan, operator, player.telephone_key, at)

    def import_registry(at: datetime) -> None:
        plan.desk.import_file("completed-list.yaml", at=at)
        plan.desk.import_dated("0-status-page.yaml", today, at=at)
        plan.desk.import_file("clients.yaml", at=at)
        plan.desk.import_file("clients-swiss.yaml", at=at)
        plan.desk.import_file("clients-post.yaml", at=at)

    def import_new_clients(at: datetime) -> None:
        plan.desk.import_file("clients-new.yaml", at=at)

    plan.ago(PUBLISHED_AGO + 1, 8, 40, add_operators)
    plan.ago(PUBLISHED_AGO + 1, 9, 5, import_registry)
    plan.ago(NEW_CLIENTS_AGO, 11, 20, import_new_clients)
    plan.ago(PUBLISHED_AGO, 10, 15, lambda at: plan.desk.publish_list(at=at))


def _plan_routine(plan: Plan, today: date) -> None:
    """The jobs every night, reminders every day, legal's reading on Mondays, and its summary on
    the last mornings."""
    for days in range(PUBLISHED_AGO - 1, -1, -1):
        day = today - timedelta(days=days)
        plan.timeline.on(day, 0, 1, plan.stage.pass_night)
        plan.timeline.on(day, 8, 10, plan.stage.remind)
        if day.weekday() == MONDAY and days >= LAST_READ_AGO:
            plan.timeline.on(day, 9, 10, lambda at: plan.desk.confirm_all_read(at=at))

    for days in range(SUMMED_UP):
        plan.ago(days, 7, 5, plan.stage.sum_up)


def _plan_release(plan: Plan, written: WrittenRelease) -> None:
    """Drafted some days before its release, approved the day before."""
    is_released = written.released_ago is not None
    # What is not released yet was approved on the last working day.
    released_on = plan.timeline.workday(written.released_ago or 0)
    approved_on = plan.workday_before(released_on, 1)
    drafted_on = plan.workday_before(approved_on, 2)

    def draft(at: datetime) -> None:
        ago = written.commencement_in
        commencement_on = None if ago is None else plan.timeline.workday(-ago)
        plan.release_ids[written.name] = plan.desk.draft(written, commencement_on, at=at)

    def approve(at: datetime) -> None:
        plan.desk.approve(plan.release_ids[written.name], at=at)

    def release(at: datetime) -> None:
        plan.desk.release(plan.release_ids[written.name], at=at)

    plan.timeline.on(drafted_on, 14, 20, draft)
    if is_released or written.approved:
        plan.timeline.on(approved_on, 16, 5, approve)
    if is_released:
        plan.timeline.on(released_on, 9, 30, release)
