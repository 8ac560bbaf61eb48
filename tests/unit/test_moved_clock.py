"""The clock that can be moved: shared by a file, and nothing for a bot that talks to Telegram."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.settings import SettingsError, load_settings
from services.moved_clock import Lead, MovedClock


def test_what_one_process_adds_another_one_sees_at_once(tmp_path: Path) -> None:
    file = tmp_path / "books.clock"
    mover, clock = Lead.open(file, create=True), MovedClock(Lead.open(file))
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    mover.forward(86_400)
    mover.forward(0.5)
    lead = timedelta(seconds=86_400.5)
    assert before + lead <= clock.now() <= datetime.now(UTC) + lead
    assert Lead.open(file, create=True).seconds == 86_400.5


def test_a_lead_without_a_file_is_its_owners_alone() -> None:
    one, other = Lead(), Lead()
    one.forward(5)
    assert (one.seconds, other.seconds) == (5, 0)


def test_a_file_that_is_missing_or_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Lead.open(tmp_path / "missing")
    other = tmp_path / "other"
    for content in ("", "nine bytes"):
        other.write_text(content)
        with pytest.raises(OSError, match="is no clock file"):
            Lead.open(other)


@pytest.mark.parametrize(
    "url", ["", "https://api.telegram.org", "http://API.Telegram.org.:80/x", "https://test.telegram.org"]
)
def test_a_bot_that_talks_to_telegram_takes_no_clock_file(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"CLOCK_FILE": "data/books.clock", "BOT_API_URL": url}, None)
    assert str(caught.value) == (
        "CLOCK_FILE is for the playground; BOT_API_URL must not be Telegram's own with it"
    )


def test_the_playgrounds_bot_takes_one() -> None:
    given = {"CLOCK_FILE": "data/books.clock", "BOT_API_URL": "http://127.0.0.1:8090"}
    assert load_settings(given, None).clock_file == Path("data/books.clock")
