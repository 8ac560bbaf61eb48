"""The built-in character as a model: streaming, languages and failures."""

import pytest

from handlers.character.model import BuiltInCharacter, pieces_of
from services.overview import Overview
from services.ports import Model, ModelUnavailable
from tests.unit.character_samples import RULES, VIEW, answer, question


async def read_sample(*, player_id: int, chat_id: int) -> Overview:
    """Return the sample overview."""
    assert (player_id, chat_id) == (1, 1)
    return VIEW


async def read_nothing(*, player_id: int, chat_id: int) -> Overview:
    """Fail as a database does."""
    raise OSError(f"no database for {player_id} in {chat_id}")


async def test_the_answer_comes_in_pieces_that_make_the_whole() -> None:
    model: Model = BuiltInCharacter(read_overview=read_sample, rules=RULES, pause_seconds=0)
    pieces = [piece async for piece in model.reply(question("how does it work?"))]
    assert len(pieces) > 5
    assert "".join(str(piece) for piece in pieces) == answer("how does it work?")


async def test_it_answers_in_the_players_language_and_else_in_english() -> None:
    model = BuiltInCharacter(read_overview=read_sample, rules=RULES, pause_seconds=0)
    spanish = "".join([piece async for piece in model.reply(question("hola", "es-MX"))])
    assert spanish == answer("hola", "es")
    german = "".join([piece async for piece in model.reply(question("hello", "de"))])
    assert german == answer("hello", "en")


async def test_a_pause_stands_between_the_pieces_but_not_before_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("asyncio.sleep", pause)
    model = BuiltInCharacter(read_overview=read_sample, rules=RULES, pause_seconds=0.05)
    pieces = [piece async for piece in model.reply(question("who are you?"))]
    assert pauses == [0.05] * (len(pieces) - 1)


async def test_an_overview_that_cannot_be_read_makes_the_model_unavailable() -> None:
    model = BuiltInCharacter(read_overview=read_nothing, rules=RULES, pause_seconds=0)
    with pytest.raises(ModelUnavailable) as caught:
        await anext(aiter(model.reply(question("hi"))))
    assert caught.value.reason == "overview: OSError"


@pytest.mark.parametrize(
    "text", ["", " ", "a", "a b c d e f g", "x\n\n- y\n- z\n", "  leading and trailing  "]
)
def test_pieces_lose_nothing(text: str) -> None:
    assert "".join(pieces_of(text)) == text
