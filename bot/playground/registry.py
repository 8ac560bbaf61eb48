"""The table of Bot API methods: each one a function with the names of its parameters."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.playground.errors import bad_request
from bot.playground.files import Upload
from bot.playground.models import Json

if TYPE_CHECKING:
    from bot.playground.core import Core

_INTEGER_NAMES = (
    "offset limit timeout max_connections message_thread_id direct_messages_topic_id draft_id message_id"
    " user_id cache_time video_start_timestamp subscription_period max_tip_amount photo_size photo_width"
    " photo_height"
)
_BOOLEAN_NAMES = (
    "drop_pending_updates disable_notification protect_content allow_paid_broadcast has_spoiler"
    " show_caption_above_media disable_content_type_detection show_alert is_big return_bots ok is_canceled need_name"
    " need_phone_number need_email need_shipping_address send_phone_number_to_provider send_email_to_provider"
    " is_flexible"
)
_JSON_NAMES = (
    "allowed_updates entities caption_entities link_preview_options suggested_post_parameters"
    " reply_parameters reply_markup message_ids commands scope menu_button reaction prices"
    " suggested_tip_amounts"
)
_INTEGERS = frozenset(_INTEGER_NAMES.split())
_BOOLEANS = frozenset(_BOOLEAN_NAMES.split())
_JSON = frozenset(_JSON_NAMES.split())
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_CHATS = frozenset({"chat_id", "from_chat_id"})
_MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "from_chat_id is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "text": "message text is empty",
    "user_id": "invalid user_id specified",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "pre_checkout_query_id": "query is too old and response timeout expired or query ID is invalid",
    "file_id": "file_id not specified",
    "document": "there is no document in the request",
    "photo": "there is no photo in the request",
    "action": "wrong parameter action in request",
    "draft_id": "RANDOM_ID_INVALID",
    "telegram_payment_charge_id": "CHARGE_ID_EMPTY",
}
SEND = (
    " business_connection_id message_thread_id direct_messages_topic_id disable_notification protect_content"
    " allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters reply_markup"
)


@dataclass(slots=True)
class Call:
    """One call while it is answered: converted parameters, files, what was odd about it."""

    core: "Core"
    params: Json
    files: dict[str, Upload]
    violations: list[str] = field(default_factory=list)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter."""
        return self.params.get(name, default)

    def text(self, name: str) -> str:
        """Return a text parameter, empty if it is missing."""
        return str(self.params.get(name) or "")

    def number(self, name: str) -> int:
        """Return a whole-number parameter, 0 if it is missing."""
        return int(self.params.get(name) or 0)

    def flag(self, name: str) -> bool:
        """Return a yes-or-no parameter."""
        return bool(self.params.get(name))


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Bot API; ``sends`` says that it counts against the limits on sending."""

    name: str
    params: dict[str, bool]
    handler: Handler
    sends: bool


METHODS: dict[str, Method] = {}


def method(name: str, params: str = "", *, sends: bool = False) -> Callable[[Handler], Handler]:
    """Register a method; ``params`` names its parameters, the required ones with a ``!``."""
    spec = {word.rstrip("!"): word.endswith("!") for word in params.split()}

    def register(handler: Handler) -> Handler:
        METHODS[name.lower()] = Method(name, spec, handler, sends)
        return handler

    return register


def convert(spec: Method, given: Json, files: dict[str, Upload], violations: list[str]) -> Json:
    """Return the parameters with their types; what Telegram ignores is noted as a violation.

    Raises:
        ApiError: a required parameter is missing.
    """
    params: Json = {}
    for name, value in given.items():
        if name not in spec.params:
            violations.append(f'unknown parameter "{name}"')
        elif value is not None:
            params[name] = _typed(name, value, violations)
    for name, required in spec.params.items():
        if required and params.get(name) in (None, "") and name not in files:
            raise bad_request(_MISSING.get(name, f'parameter "{name}" is required'))
    return params


def _typed(name: str, value: Any, violations: list[str]) -> Any:
    if name in _JSON:
        return _decoded(name, value)
    if name in _BOOLEANS:
        return value if isinstance(value, bool) else str(value).lower() in ("true", "yes", "1")
    if name in _CHATS and isinstance(value, str) and value.startswith("@"):
        return value
    if name in _INTEGERS or name in _CHATS:
        return _integer(name, value, violations)
    return value if isinstance(value, str) else json.dumps(value)


def _integer(name: str, value: Any, violations: list[str]) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    violations.append(f'parameter "{name}" must be a whole number')
    return 0


def _decoded(name: str, value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None
