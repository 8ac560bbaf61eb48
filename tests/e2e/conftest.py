"""Fixtures of the fake Telegram's own tests: its clock, itself, somebody who uses it."""

import pytest

from bot.playground.models import User
from bot.playground.telegram import Telegram
from tests.playground_clients import Clock


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def telegram(clock: Clock) -> Telegram:
    """Give a fake Telegram with that clock."""
    return Telegram(now=clock)


@pytest.fixture
def ana(telegram: Telegram) -> User:
    """Give a user of it."""
    return telegram.add_user("Ana")
