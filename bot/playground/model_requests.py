"""What the test model takes: OpenAI's chat completions, as strictly as OpenAI takes them."""

import base64
import binascii
import json
import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

_IMAGE: Final = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/]+={0,2})")
_UNKNOWN: Final = "extra_forbidden"


class RequestRefusedError(Exception):
    """A request that isn't answered, with the status and the words that OpenAI has for it."""

    def __init__(
        self, text: str, *, param: str | None = None, code: str | None = None, status: int = 400
    ) -> None:
        super().__init__(text)
        self.text, self.param, self.code, self.status = text, param, code, status


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TextPiece(_Strict):
    """Words in a message of several pieces."""

    type: Literal["text"]
    text: Annotated[str, Field(min_length=1)]


class _ImageUrl(_Strict):
    url: str
    detail: Literal["auto", "low", "high"] = "auto"


class ImagePiece(_Strict):
    """A picture in a message, as a data URL."""

    type: Literal["image_url"]
    image_url: _ImageUrl

    @model_validator(mode="after")
    def _check_picture(self) -> Self:
        match = _IMAGE.fullmatch(self.image_url.url)
        try:
            base64.b64decode(match[2] if match else "?", validate=True)
        except binascii.Error:
            raise ValueError("is no picture as a data URL") from None
        return self


class Message(_Strict):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: (
        Annotated[str, Field(min_length=1)] | Annotated[list[TextPiece | ImagePiece], Field(min_length=1)]
    )

    @property
    def text(self) -> str:
        """Return its words."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(piece.text for piece in self.content if isinstance(piece, TextPiece))

    @property
    def pictures(self) -> int:
        """Return how many pictures are in it."""
        return (
            0 if isinstance(self.content, str) else sum(isinstance(one, ImagePiece) for one in self.content)
        )


class _StreamOptions(_Strict):
    include_usage: bool = False


class ChatRequest(_Strict):
    """A question to the model."""

    model: Annotated[str, Field(min_length=1)]
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool = False
    stream_options: _StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    reasoning_effort: Literal["minimal", "low", "medium", "high"] | None = None

    @property
    def most_tokens(self) -> int | None:
        """Return how long the answer may be."""
        return self.max_completion_tokens or self.max_tokens

    @model_validator(mode="after")
    def _check_options(self) -> Self:
        if self.stream_options is not None and not self.stream:
            raise ValueError("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
        if self.max_tokens is not None and self.max_completion_tokens is not None:
            raise ValueError(
                "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
            )
        return self

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        """Stricter than OpenAI, as several other servers are: instructions first, then turn by turn."""
        roles = [message.role for message in self.messages]
        spoken = roles[1:] if roles[0] in ("system", "developer") else roles
        expected = ["assistant" if number % 2 else "user" for number in range(len(spoken))]
        if spoken != expected or len(spoken) % 2 == 0:
            raise ValueError("Roles must alternate user/assistant/user/…, after at most one system message.")
        return self


def read_request(body: bytes) -> ChatRequest:
    """Read a question.

    Raises:
        RequestRefusedError: it isn't one.
    """
    try:
        given: Any = json.loads(body)
    except ValueError:
        text = "We could not parse the JSON body of your request."
        raise RequestRefusedError(text) from None
    try:
        return ChatRequest.model_validate(given)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        param = ".".join(str(one) for one in problem["loc"]) or None
        if problem["type"] == _UNKNOWN:
            text = f"Unrecognized request argument supplied: {param}"
            raise RequestRefusedError(text, param=param, code="unknown_parameter") from None
        text = problem["msg"].removeprefix("Value error, ")
        raise RequestRefusedError(
            f"Invalid value for '{param}': {text}" if param else text, param=param
        ) from None
