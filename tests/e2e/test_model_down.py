"""A language model that is down: players are told kindly and pay nothing, the operator sees it in log and metrics."""

import json
from typing import Any

import pytest

from bot.events import Event
from bot.metrics import REGISTRY
from bot.model import connected_model
from bot.settings import Settings
from services.breaker import Breaker, GuardedModel
from services.rules import BreakerRules, ModelRules
from tests.app import MovableClock
from tests.canary import CANARY_SECRET
from tests.house import ScriptedModel
from tests.models import answer_of, question
from tests.scene import scene

REST = BreakerRules().rest


async def test_t42_players_are_told_that_the_model_is_down_and_when_to_try_again(sqlite_url: str) -> None:
    clock = MovableClock()
    model = GuardedModel(
        model=ScriptedModel(*[None] * 5, ["back again"]), breaker=Breaker(clock=clock, rules=BreakerRules())
    )
    async with scene(sqlite_url, model=model, clock=clock) as here:
        for _ in range(3):
            await here.ask(here.ben, "hello")
        assert here.app.last(here.ben) == (
            "My language model is out of reach right now. Nothing was charged. Please try again in 30 seconds."
        )
        assert "30 segundos" in await here.ask(here.ana, "hola")
        clock.move(REST)
        assert "back again" in await here.ask(here.ana, "hola")
        assert "fine" in await here.ask(here.ben, "hello")


def logged(out: str) -> list[dict[str, Any]]:
    """Return the lines about the model."""
    lines = [json.loads(line) for line in out.splitlines()]
    return [line for line in lines if line["event"] in (Event.MODEL_DOWN, Event.MODEL_BACK)]


async def test_the_operator_sees_that_the_model_is_down_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(
        model="openai:nobody",  # type: ignore[arg-type]
        model_base_url="http://127.0.0.1:1/v1",
        model_api_key=CANARY_SECRET,  # type: ignore[arg-type]
    )
    model = connected_model(settings, ModelRules(), MovableClock())
    assert model is not None
    for _ in range(6):
        await answer_of(model.guarded, question())
    assert REGISTRY.get_sample_value("potluck_model_down", {"model": "openai:nobody"}) == 1
    model.guarded.breaker.succeed()
    await model.close()
    down, back = logged(capsys.readouterr().out)
    assert (down["event"], down["model"]) == (Event.MODEL_DOWN, "openai:nobody")
    assert (down["why"], down["seconds"], down["level"]) == ("unreachable", 30, "warning")
    assert (back["event"], back["level"]) == (Event.MODEL_BACK, "info")
    assert REGISTRY.get_sample_value("potluck_model_down", {"model": "openai:nobody"}) == 0


async def test_the_better_model_has_connections_and_a_breaker_of_its_own() -> None:
    settings = Settings(
        model="openai:usual",  # type: ignore[arg-type]
        premium_model="openai:better",  # type: ignore[arg-type]
        model_base_url="http://127.0.0.1:1/v1",
        model_api_key=CANARY_SECRET,  # type: ignore[arg-type]
    )
    model = connected_model(settings, ModelRules(), MovableClock())
    assert model is not None
    assert model.better is not None
    for _ in range(5):
        await answer_of(model.asked, question(has_premium=True))
    assert (await answer_of(model.asked, question(has_premium=True)))[2] == "down"
    assert (await answer_of(model.asked, question()))[2] == "unreachable"
    await model.close()


def test_without_a_model_the_built_in_character_answers() -> None:
    assert connected_model(Settings(), ModelRules(), MovableClock()) is None
