"""The playground's bot asks the test model or its own: another environment, and a restart."""

from bot.commands.bot_process import BotProcess
from bot.playground.control_model import PATH
from bot.playground.model_server import MODEL


class EnvironmentSwitch:
    """Switches the bot to the test model and back."""

    def __init__(self, bot: BotProcess, environment: dict[str, str]) -> None:
        self._bot = bot
        self._environment = environment
        self._own: dict[str, str] = {}
        self.is_test = False
        self.url = ""
        """Where the playground is served."""

    async def use(self, *, test: bool) -> None:
        """Let the bot ask the test model, or what its own settings say."""
        if test == self.is_test:
            return
        values = {
            "MODEL": f"openai:{MODEL}",
            "MODEL_BASE_URL": f"{self.url}{PATH}/v1",
            "MODEL_API_KEY": "any",
        }
        if test:
            self._own = {name: self._environment[name] for name in values if name in self._environment}
            self._environment.update(values)
        else:
            for name in values:
                del self._environment[name]
            self._environment.update(self._own)
        self.is_test = test
        await self._bot.restart()
