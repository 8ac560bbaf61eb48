"""Methods about the bot itself and how it gets its updates."""

import re
from collections.abc import Awaitable
from typing import Any

from bot.playground.errors import bad_request, conflict
from bot.playground.models import Json
from bot.playground.registry import Call, method
from bot.playground.updates import Item
from bot.playground.views import user_json
from bot.playground.webhook import url_problem

_SECRET = re.compile(r"[A-Za-z0-9_-]+")
_WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
MAX_POLL_SECONDS = 50


class RawResult:
    """A result that is JSON already: the updates, as they are, however malformed."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items

    def json(self) -> str:
        """Return the array of updates."""
        return "[" + ",".join(item.text for item in self.items) + "]"


@method("getMe")
def get_me(call: Call) -> Json:
    """Return the bot."""
    return user_json(call.core.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": not call.core.privacy,
        "supports_inline_queries": False,
        "supports_guest_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


@method("getUpdates", "offset limit timeout allowed_updates")
def get_updates(call: Call) -> Awaitable[RawResult]:
    """Return the waiting updates, or wait for the first one."""
    core = call.core
    if core.webhook.url:
        raise conflict(_WEBHOOK_ACTIVE)
    _set_allowed(call)
    limit = min(max(call.number("limit") or 100, 1), 100)
    return _poll(call, limit)


async def _poll(call: Call, limit: int) -> RawResult:
    timeout_seconds = min(max(call.number("timeout"), 0), MAX_POLL_SECONDS)
    return RawResult(await call.core.updates.poll(call.number("offset"), limit, timeout_seconds))


def _set_allowed(call: Call) -> None:
    allowed = call.get("allowed_updates")
    if allowed in (None, ""):
        return
    if not isinstance(allowed, list) or not all(isinstance(kind, str) for kind in allowed):
        raise bad_request("can't parse allowed updates: expected an Array of String")
    call.core.updates.allowed = list(allowed)


@method(
    "setWebhook",
    "url certificate ip_address max_connections allowed_updates drop_pending_updates secret_token",
)
def set_webhook(call: Call) -> bool:
    """Push updates to an address from now on; an empty one ends that."""
    core, url, secret = call.core, call.text("url"), call.text("secret_token")
    if not url:
        return _end_webhook(call)
    if problem := url_problem(url, any_http=core.webhook.transport is not None):
        raise bad_request(problem)
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    _set_allowed(call)
    if call.flag("drop_pending_updates"):
        core.updates.drop_all()
    core.updates.stop_poll("terminated by setWebhook request")
    connections = min(max(call.number("max_connections") or 40, 1), 100)
    core.webhook.set(url, secret=secret, max_connections=connections)
    core.signals.fire("bot")
    return True


@method("deleteWebhook", "drop_pending_updates")
def delete_webhook(call: Call) -> bool:
    """Stop to push updates."""
    return _end_webhook(call)


def _end_webhook(call: Call) -> bool:
    call.core.webhook.remove()
    if call.flag("drop_pending_updates"):
        call.core.updates.drop_all()
    call.core.signals.fire("bot")
    return True


@method("getWebhookInfo")
def get_webhook_info(call: Call) -> dict[str, Any]:
    """Return where updates go and what went wrong last."""
    return call.core.webhook.info()
