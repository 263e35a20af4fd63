"""The demonstration is played once for all tests that read it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from subnotify.app import create_app
from subnotify.demo.folder import DemoFolder
from tests.demo.playing import FIRST_STARTS, Played, play


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(DemoFolder(tmp_path_factory.mktemp("history") / "data"), FIRST_STARTS[0])


@pytest.fixture(scope="session")
def app(played: Played) -> Iterator[Flask]:
    yield create_app(played.settings, clock=lambda: played.at)
