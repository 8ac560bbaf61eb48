"""Who may do what in a group, as Telegram's apps let people; the playground's own hand may do anything."""

from bot.playground.errors import PlayError
from bot.playground.models import ADMINS, Chat, User

TITLE_MOST = 128
STATUSES = ("creator", "administrator", "member", "restricted", "left", "kicked")


def check_status(chat: Chat, user: User, status: str, *, anonymous: bool = False) -> None:
    """Look whether there is such a status in this chat.

    Raises:
        PlayError: there isn't.
    """
    check_alive(chat)
    if chat.private or status not in STATUSES:
        raise PlayError(f"status {status} can't be given in a {chat.type} chat")
    if chat.type == "group" and (status == "restricted" or anonymous):
        raise PlayError("only a supergroup restricts members or has anonymous admins")
    if anonymous and status not in ADMINS:
        raise PlayError("only an admin can be anonymous")
    if status == "creator" and user.is_bot:
        raise PlayError("a bot can't own a group")


def check_alive(chat: Chat) -> None:
    """Look whether a group is still where it was.

    Raises:
        PlayError: it became a supergroup.
    """
    if chat.migrated_to is not None:
        raise PlayError(f"the group became the supergroup {chat.migrated_to}")


def check_title(title: str) -> str:
    """Return a title or name without the spaces around it.

    Raises:
        PlayError: it is empty or too long.
    """
    title = title.strip()
    if not 0 < len(title) <= TITLE_MOST:
        raise PlayError(f"a title has 1 to {TITLE_MOST} characters")
    return title


def check_present(chat: Chat, actor: User) -> None:
    """Look whether somebody is in a group.

    Raises:
        PlayError: he isn't.
    """
    member = chat.members.get(actor.id)
    if member is None or not member.present:
        raise PlayError(f"{actor.first_name} is not in {chat.title}")


def check_admin(chat: Chat, actor: User) -> None:
    """Look whether somebody is an admin of a group.

    Raises:
        PlayError: he isn't.
    """
    if chat.status_of(actor.id) not in ADMINS:
        raise PlayError(f"{actor.first_name} is no admin of {chat.title}")


def check_change(chat: Chat, actor: User, user: User, status: str) -> None:
    """Look whether somebody may give a status: all may leave and bring others, only admins the rest.

    Raises:
        PlayError: he may not.
    """
    if actor is user and status == "left":
        return
    check_present(chat, actor)
    if status == "member" and chat.status_of(user.id) == "left":
        return
    check_admin(chat, actor)
    is_owner = chat.status_of(actor.id) == "creator"
    if status == "creator" and not is_owner:
        raise PlayError("only the owner can hand a group over")
    if chat.status_of(user.id) == "creator" and not is_owner:
        raise PlayError(f"{user.first_name} owns {chat.title}")
