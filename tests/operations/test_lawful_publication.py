"""No sequence of edits, imports and clock steps publishes a change without a lawful basis on its
commencement date (DESIGN section 3 item 8); and what is lawful is not refused."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.databases import Databases
from tests.support.lawful_machine import ListMachine

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def run(databases: Databases, *, examples: int, steps: int) -> None:
    machine = type("Machine", (ListMachine,), {"databases": databases})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=QUIET,
        ),
    )


def test_nothing_is_published_without_a_lawful_basis(databases: Databases):
    run(databases, examples=10, steps=25)


@pytest.mark.full
def test_nothing_is_published_without_a_lawful_basis_however_long(databases: Databases):
    run(databases, examples=200, steps=60)
