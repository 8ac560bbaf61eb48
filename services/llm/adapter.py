"""Any model that the library can ask, as the game's ``Model``: a question in, text and usage out, no tools ever."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    BinaryContent,
    ModelMessage,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import Model as AnyModel
from pydantic_ai.models import StreamedResponse
from pydantic_ai.settings import ModelSettings

from services.llm.cost import FREE, Meter, Prices
from services.llm.messages import messages_of
from services.llm.prompts import instructions
from services.llm.reasons import reason_of
from services.ports import ModelUnavailable, Question, Usage
from services.rules import ModelRules

BROKEN_OFF: Final = " …"
"""Stands at the end of an answer that had no tokens left."""


async def _nothing_to_close() -> None:
    """Stand in where nobody's connections are open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel:
    """Ask a language model; an adapter of ``services.ports.Model``.

    Attributes:
        name: what the model is called in the books.
        persona: the operator's own words on the tone; empty for the usual one.
        timeout_seconds: for each wait for bytes; the whole answer has its own deadline.
    """

    model: AnyModel
    name: str
    rules: ModelRules
    prices: Prices = FREE
    persona: str = ""
    timeout_seconds: float = 60.0
    close: Callable[[], Awaitable[None]] = _nothing_to_close

    async def reply(self, question: Question) -> AsyncIterator[str | Usage]:
        """Yield the answer as it comes, and after each piece what it has taken so far.

        Raises:
            ModelUnavailable: nothing (more) will come.
        """
        told = instructions(
            language=question.language,
            character=question.character,
            in_group=question.in_group,
            persona=self.persona,
        )
        messages = messages_of(question, instructions=told, rules=self.rules)
        meter = self._meter(messages, told)
        has_text, failure = False, None
        try:
            async with aclosing(self._listen(messages, meter)) as pieces:
                async for piece in pieces:
                    has_text = has_text or isinstance(piece, str)
                    yield piece
        except ModelUnavailable as error:
            failure = error
        except Exception as error:
            failure = ModelUnavailable(reason=reason_of(error))
            failure.__cause__ = error
        if has_text or meter.is_told:
            yield meter.usage(is_final=failure is None)
        if failure is not None:
            raise failure

    async def _listen(self, messages: list[ModelMessage], meter: Meter) -> AsyncGenerator[str | Usage, None]:
        async with model_request_stream(self.model, messages, model_settings=self._settings()) as stream:
            has_text = False
            async for event in stream:
                meter.learn(stream.usage.input_tokens, stream.usage.output_tokens)
                if text := _text_of(event):
                    has_text = True
                    meter.hear(text)
                    yield text
                    yield meter.usage()
            meter.learn(stream.usage.input_tokens, stream.usage.output_tokens)
        _check_end(stream, has_text=has_text)
        if stream.finish_reason == "length":
            yield BROKEN_OFF

    def _settings(self) -> ModelSettings:
        return ModelSettings(
            max_tokens=self.rules.answer_tokens,
            timeout=self.timeout_seconds,
            max_retries=0,  # the use case tries again, within its own deadline
            thinking=False,  # else hidden tokens use up those of the answer
        )

    def _meter(self, messages: list[ModelMessage], told: str) -> Meter:
        parts = [part for message in messages for part in message.parts]
        contents = [part.content for part in parts if isinstance(part, UserPromptPart | TextPart)]
        pieces = [
            piece for content in contents for piece in ([content] if isinstance(content, str) else content)
        ]
        return Meter(
            model=self.name,
            prices=self.prices,
            characters_in=len(told) + sum(len(piece) for piece in pieces if isinstance(piece, str)),
            photos=sum(isinstance(piece, BinaryContent) for piece in pieces),
        )


def _text_of(event: ModelResponseStreamEvent) -> str:
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""


def _check_end(stream: StreamedResponse, *, has_text: bool) -> None:
    """Tell an answer that is there from one that broke off, was refused, or never came.

    Raises:
        ModelUnavailable: it isn't there.
    """
    if stream.provider_url is not None and stream.finish_reason is None:
        raise ModelUnavailable(reason="garbage")  # a server says why it ends, or it hasn't ended
    if not has_text:
        raise ModelUnavailable(reason="refused" if stream.finish_reason == "content_filter" else "empty")
