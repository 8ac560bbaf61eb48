"""The language model of a process: connected as the settings say, behind its breaker, logged when it is down."""

from dataclasses import dataclass, replace

from bot.events import Event
from bot.logs import get_logger
from bot.metrics import MODEL_DOWN
from bot.settings import Settings
from services.breaker import Breaker, GuardedModel
from services.llm.connect import OpenModel, connect
from services.llm.cost import Prices
from services.llm.names import ModelName
from services.ports import Clock, Model
from services.rules import BreakerRules, ModelRules
from services.tiers import TwoModels

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedModel:
    """A model that is open until it is closed."""

    guarded: GuardedModel
    open: OpenModel
    better: "ConnectedModel | None" = None
    """What players with Premium are answered by, if that is another one."""

    @property
    def asked(self) -> Model:
        """Return what answers questions."""
        if self.better is None:
            return self.guarded
        return TwoModels(usual=self.guarded, better=self.better.guarded)

    async def close(self) -> None:
        """End its connections."""
        await self.open.close()
        if self.better is not None:
            await self.better.close()


def connected_model(settings: Settings, rules: ModelRules, clock: Clock) -> ConnectedModel | None:
    """Return the models that the settings name, None for the built-in character; their library is imported here.

    Raises:
        ExtraMissingError: the extra ``llm`` isn't installed.
    """
    if settings.model is None:
        return None
    usual = _connected(settings.model, settings.prices, settings, rules, clock)
    if settings.premium_model is None:
        return usual
    better = _connected(settings.premium_model, settings.premium_prices, settings, rules, clock)
    return replace(usual, better=better)


def _connected(
    name: ModelName, prices: Prices, settings: Settings, rules: ModelRules, clock: Clock
) -> ConnectedModel:
    key = settings.model_api_key
    model = connect(
        name,
        key=None if key is None else key.get_secret_value(),
        base_url=settings.model_base_url,
        rules=rules,
        prices=prices,
        persona=settings.persona or "",
        timeout_seconds=float(settings.model_deadline_seconds),
    )
    note = _Note(name, rules.breaker)
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
        MODEL_DOWN.labels(str(self.name)).set(why is not None)
        if why is None:
            log.info(Event.MODEL_BACK, model=str(self.name))
        else:
            seconds = round(self.rules.rest.total_seconds())
            log.warning(Event.MODEL_DOWN, model=str(self.name), why=why, seconds=seconds)
