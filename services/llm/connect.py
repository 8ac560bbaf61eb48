"""Opening a model by its name. Only the library of its provider is imported, and only when this is called."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Protocol

from services.llm.cost import Prices
from services.llm.names import ModelName, Provider
from services.ports import Model
from services.rules import ModelRules

if TYPE_CHECKING:
    from httpx2 import AsyncBaseTransport, AsyncClient
    from pydantic_ai.models import Model as AnyModel

CONNECT_SECONDS: Final = 5.0
OPENAI_URL: Final = "https://api.openai.com/v1"
ANTHROPIC_URL: Final = "https://api.anthropic.com"
OLLAMA_URL: Final = "http://127.0.0.1:11434/v1"


class ExtraMissingError(Exception):
    """The libraries of language models aren't installed."""


class OpenModel(Model, Protocol):
    """A model with connections of its own."""

    @property
    def close(self) -> Callable[[], Awaitable[None]]:
        """Return what ends its connections."""


def connect(
    name: ModelName,
    *,
    key: str | None,
    base_url: str | None,
    rules: ModelRules,
    prices: Prices,
    persona: str,
    timeout_seconds: float,
    transport: "AsyncBaseTransport | None" = None,
) -> OpenModel:
    """Return a model, ready to be asked; nothing is sent yet.

    Args:
        name: which model.
        key: the provider's key, None where none is needed.
        base_url: the server, None for the provider's own.
        rules: limits of questions and answers.
        prices: what tokens cost.
        persona: the operator's own words on the tone.
        timeout_seconds: for each wait for bytes.
        transport: for tests, instead of sockets.

    Raises:
        ExtraMissingError: the extra ``llm`` isn't installed.
    """
    try:
        from services.llm.adapter import LanguageModel

        client = _client(timeout_seconds, transport)
        model = _MAKERS[name.provider](name.name, key, base_url, client)
    except ImportError as error:
        raise ExtraMissingError from error
    return LanguageModel(
        model=model,
        name=str(name),
        rules=rules,
        prices=prices,
        persona=persona,
        timeout_seconds=timeout_seconds,
        close=client.aclose,
    )


def _client(timeout_seconds: float, transport: "AsyncBaseTransport | None") -> "AsyncClient":
    from httpx2 import Timeout
    from pydantic_ai.models import create_async_httpx2_client

    timeout = Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
    return create_async_httpx2_client(timeout=timeout, transport=transport)


def _google(name: str, key: str | None, base_url: str | None, client: "AsyncClient") -> "AnyModel":
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleModel(name, provider=GoogleProvider(api_key=key, base_url=base_url, http_client=client))


def _openai(name: str, key: str | None, base_url: str | None, client: "AsyncClient") -> "AnyModel":
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider

    if base_url is not None:
        return _compatible(name, key, base_url, client)
    provider = OpenAIProvider(base_url=OPENAI_URL, api_key=key, http_client=client)
    profile = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
    return OpenAIChatModel(name, provider=provider, profile=profile)


def _ollama(name: str, key: str | None, base_url: str | None, client: "AsyncClient") -> "AnyModel":
    return _compatible(name, key, base_url or OLLAMA_URL, client)


def _compatible(name: str, key: str | None, base_url: str, client: "AsyncClient") -> "AnyModel":
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    # All servers know max_tokens; several ignore OpenAI's newer max_completion_tokens, and answer without end.
    profile = OpenAIModelProfile(
        openai_chat_supports_max_completion_tokens=False, openai_chat_streaming_requires_finish_reason=True
    )
    provider = OpenAICompatibleProvider(
        "compatible", base_url=base_url, api_key=key, http_client=client, profile=profile
    )
    return OpenAIChatModel(name, provider=provider)


def _anthropic(name: str, key: str | None, base_url: str | None, client: "AsyncClient") -> "AnyModel":
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    provider = AnthropicProvider(api_key=key, base_url=base_url or ANTHROPIC_URL, http_client=client)
    return AnthropicModel(name, provider=provider)


_MAKERS: Final = {
    Provider.GOOGLE: _google,
    Provider.OPENAI: _openai,
    Provider.ANTHROPIC: _anthropic,
    Provider.OLLAMA: _ollama,
}
