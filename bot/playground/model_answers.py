"""What the test model says, always the same to the same question, and the forms in which OpenAI sends it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bot.playground.model_requests import ChatRequest

CREATED: Final = 1_795_190_000
HUGE_CHARACTERS: Final = 100_000
_CHARACTERS_PER_TOKEN: Final = 4
_PICTURE_TOKENS: Final = 765
_TOKEN: Final = re.compile(r"\S+\s*|\s+")
_QUOTED_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """An answer, with what it takes."""

    request: ChatRequest
    tokens: tuple[str, ...]
    is_cut: bool
    """Whether it ended because no more tokens were allowed."""

    @property
    def finish(self) -> str:
        """Return why it ended."""
        return "length" if self.is_cut else "stop"

    def usage(self) -> dict[str, int]:
        """Return what it took."""
        messages = self.request.messages
        characters = sum(len(one.text) for one in messages)
        prompt = characters // _CHARACTERS_PER_TOKEN + _PICTURE_TOKENS * sum(one.pictures for one in messages)
        done = len(self.tokens)
        return {"prompt_tokens": prompt, "completion_tokens": done, "total_tokens": prompt + done}

    def whole(self, *, with_usage: bool) -> dict[str, Any]:
        """Return it as one object."""
        message = {"role": "assistant", "content": "".join(self.tokens), "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish}
        return self._object("chat.completion", [choice]) | ({"usage": self.usage()} if with_usage else {})

    def chunks(self, *, with_usage: bool) -> Iterator[bytes]:
        """Give it as server-sent events, the mark of the end included."""
        yield self._chunk({"role": "assistant", "content": ""})
        for token in self.tokens:
            yield self._chunk({"content": token})
        yield self._chunk({}, self.finish)
        options = self.request.stream_options
        if with_usage and options is not None and options.include_usage:
            yield _event(self._object("chat.completion.chunk", []) | {"usage": self.usage()})
        yield b"data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event(self._object("chat.completion.chunk", [choice]))

    def _object(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": "chatcmpl-test",
            "object": kind,
            "created": CREATED,
            "model": self.request.model,
            "choices": choices,
        }


def _event(facts: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(facts).encode() + b"\n\n"


def answer_to(request: ChatRequest, text: str | None = None) -> ModelAnswer:
    """Return what the model says: ``text``, else something that shows that it has read the question."""
    tokens = tuple(match[0] for match in _TOKEN.finditer(_echo(request) if text is None else text))
    most = request.most_tokens
    if most is None or text is not None:
        return ModelAnswer(request=request, tokens=tokens, is_cut=False)
    return ModelAnswer(request=request, tokens=tokens[:most], is_cut=len(tokens) > most)


def _echo(request: ChatRequest) -> str:
    asked = request.messages[-1]
    earlier = sum(one.role == "user" for one in request.messages) - 1
    seen = [f"{earlier} earlier question{'' if earlier == 1 else 's'}"]
    if asked.pictures:
        seen.append(f"{asked.pictures} picture{'' if asked.pictures == 1 else 's'}")
    quoted = " ".join(asked.text.split())[:_QUOTED_CHARACTERS]
    return f"You wrote: {quoted}\n\nI am a test model and only repeat it. I was shown {' and '.join(seen)}."


def huge_text() -> str:
    """Return far more than anybody wants to read."""
    line = "All work and no play makes a test model a dull companion, whatever it is asked.\n"
    return (line * (HUGE_CHARACTERS // len(line) + 1))[:HUGE_CHARACTERS]
