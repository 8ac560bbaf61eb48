"""Language models for tests: the test model over real HTTP, the library's own ones, questions to ask them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pydantic_ai.models import Model as AnyModel
from starlette.applications import Starlette

from bot.playground.model_server import ModelServer
from bot.server import HttpServer
from services.llm.adapter import LanguageModel
from services.llm.connect import OpenModel, connect
from services.llm.cost import Prices
from services.llm.names import ModelName
from services.ports import Attachment, Exchange, Model, ModelUnavailable, Question, Usage
from services.rules import ModelRules
from tests.canary import CANARY_SECRET

PATIENCE_SECONDS = 20.0
PRICES = Prices.parse("1.25/10")
PHOTO = Attachment(name="cat.png", mime_type="image/png", content=b"\x89PNG\r\n\x1a\n")
NOTES = Attachment(name="notes.txt", mime_type="text/plain", content=b"milk, ```eggs```")
PAST = (Exchange(text="first", answer="one"), Exchange(text="second", answer="two"))


def question(text: str = "hello", **more: Any) -> Question:
    """Return a question of Ana's."""
    given: dict[str, Any] = {
        "language": "en",
        "player_id": 1,
        "player_name": "Ana",
        "chat_id": 1,
        "in_group": False,
        "history": (),
    }
    return Question(text=text, **{**given, **more})


async def answer_of(model: Model, asked: Question) -> tuple[list[str], Usage | None, str | None]:
    """Return the pieces of an answer, the last word on its usage, and why it failed if it did."""
    pieces: list[str] = []
    usage: Usage | None = None
    try:
        async for piece in model.reply(asked):
            if isinstance(piece, Usage):
                usage = piece
            else:
                pieces.append(piece)
    except ModelUnavailable as error:
        return pieces, usage, error.reason
    return pieces, usage, None


def wrapped(model: AnyModel, **rules: Any) -> LanguageModel:
    """Return one of the library's models as the game's."""
    return LanguageModel(model=model, name="test:own", rules=ModelRules(**rules), prices=PRICES)


@asynccontextmanager
async def served(server: ModelServer) -> AsyncIterator[str]:
    """Serve the test model; yield its base URL."""
    http = HttpServer(Starlette(routes=server.routes()), "127.0.0.1", 0)
    await http.start()
    try:
        yield f"http://127.0.0.1:{http.port}/v1"
    finally:
        await http.stop()


@asynccontextmanager
async def asked_over_http(
    server: ModelServer, *, timeout_seconds: float = PATIENCE_SECONDS, **rules: Any
) -> AsyncIterator[OpenModel]:
    """Serve the test model and yield our adapter of it."""
    async with served(server) as base_url:
        model = connect(
            ModelName.parse("openai:test"),
            key=CANARY_SECRET,
            base_url=base_url,
            rules=ModelRules(**rules),
            prices=PRICES,
            persona="",
            timeout_seconds=timeout_seconds,
        )
        try:
            yield model
        finally:
            await model.close()


def texts(pieces: Sequence[str]) -> str:
    """Return the pieces as one text."""
    return "".join(pieces)
