"""The language model of a process: connected as the settings say, behind its breaker, logged when it is down."""

from dataclasses import dataclass

from bot.events import Event
from bot.logs import get_logger
from bot.metrics import MODEL_DOWN
from bot.settings import Settings
from services.breaker import Breaker, GuardedModel
from services.llm.connect import OpenModel, connect
from services.llm.names import ModelName
from services.ports import Clock
from services.rules import BreakerRules, ModelRules

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedModel:
    """A model that is open until it is closed."""

    guarded: GuardedModel
    open: OpenModel

    async def close(self) -> None:
        """End its connections."""
        await self.open.close()


def connected_model(settings: Settings, rules: ModelRules, clock: Clock) -> ConnectedModel | None:
    """Return the model that the settings name, None for the built-in character; its library is imported here.

    Raises:
        ExtraMissingError: the extra ``llm`` isn't installed.
    """
    if settings.model is None:
        return None
    key = settings.model_api_key
    model = connect(
        settings.model,
        key=None if key is None else key.get_secret_value(),
        base_url=settings.model_base_url,
        rules=rules,
        prices=settings.prices,
        persona=settings.persona or "",
        timeout_seconds=float(settings.model_deadline_seconds),
    )
    note = _Note(settings.model, rules.breaker)
    return ConnectedModel(
        guarded=GuardedModel(model=model, breaker=Breaker(clock=clock, rules=rules.breaker, note=note)),
        open=model,
    )


@dataclass(frozen=True, slots=True)
class _Note:
    """Tells the operator when the model is let alone, and when it is back."""

    name: ModelName
    rules: BreakerRules

    def __call__(self, why: str | None) -> None:
        MODEL_DOWN.set(why is not None)
        if why is None:
            log.info(Event.MODEL_BACK, model=str(self.name))
        else:
            seconds = round(self.rules.rest.total_seconds())
            log.warning(Event.MODEL_DOWN, model=str(self.name), why=why, seconds=seconds)
