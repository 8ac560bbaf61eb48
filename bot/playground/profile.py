"""What a bot says about itself: names, descriptions, menu button, and commands by scope and language."""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.errors import bad_request
from bot.playground.models import Chat, Json

_PLAIN_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
Key = tuple[str, str]


@dataclass(slots=True)
class Profile:
    """The bot's own texts; language "" is the default."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[Key, list[Json]] = field(default_factory=dict)
    menu_buttons: dict[int | None, Json] = field(default_factory=dict)

    def commands_for(self, chat: Chat, user_id: int, language: str | None) -> list[Json]:
        """Return the commands that a user's app shows in a chat, by the rules of the Bot API."""
        for scope in _scopes_of(chat, user_id):
            for tongue in (language or "", ""):
                if (scope, tongue) in self.commands:
                    return self.commands[scope, tongue]
        return []

    def description_for(self, language: str | None) -> str:
        """Return what a user's app shows in an empty chat with the bot."""
        return self.descriptions.get(language or "") or self.descriptions.get("", "")


def _scopes_of(chat: Chat, user_id: int) -> list[str]:
    """Return the scopes that apply, narrowest first."""
    if chat.private:
        return [f"chat:{chat.id}", "all_private_chats", "default"]
    member = chat.members.get(user_id)
    found = [f"chat_member:{chat.id}:{user_id}"]
    if member and member.admin:
        found += [f"chat_administrators:{chat.id}"]
    found += [f"chat:{chat.id}"]
    if member and member.admin:
        found += ["all_chat_administrators"]
    return [*found, "all_group_chats", "default"]


def scope_key(raw: Any) -> str:
    """Return the key of a ``BotCommandScope``.

    Raises:
        ApiError: a scope that Telegram can't read.
    """
    if raw in (None, ""):
        return "default"
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind in _PLAIN_SCOPES:
        return str(kind)
    if kind not in ("chat", "chat_administrators", "chat_member"):
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if not raw.get("chat_id"):
        raise bad_request("can't parse BotCommandScope: Can't find field \"chat_id\"")
    if kind == "chat_member":
        if not raw.get("user_id"):
            raise bad_request("can't parse BotCommandScope: Can't find field \"user_id\"")
        return f"{kind}:{raw['chat_id']}:{raw['user_id']}"
    return f"{kind}:{raw['chat_id']}"
