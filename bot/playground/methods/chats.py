"""Methods about chats and their members."""

from bot.playground.errors import bad_request
from bot.playground.models import Json, Member
from bot.playground.registry import Call, method
from bot.playground.sending import target_chat
from bot.playground.views import chat_full_json, member_json, user_json


@method("getChat", "chat_id!")
def get_chat(call: Call) -> Json:
    """Return what is known about a chat."""
    return chat_full_json(target_chat(call, write=False))


@method("getChatMember", "chat_id! user_id!")
def get_chat_member(call: Call) -> Json:
    """Return what a user is in a chat."""
    chat, user = target_chat(call, write=False), call.core.users.get(call.number("user_id"))
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID" if chat.type == "supergroup" else "user not found")
    if chat.private:
        if user.id not in (chat.id, call.core.bot.id):
            raise bad_request("user not found")
        return member_json(Member(user))
    return member_json(chat.members.get(user.id) or Member(user, "left"))


@method("getChatAdministrators", "chat_id! return_bots")
def get_chat_administrators(call: Call) -> list[Json]:
    """Return the admins of a group; of the bots only this one, if it is an admin."""
    chat, own = target_chat(call, write=False), call.core.bot
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    shown = call.flag("return_bots")
    admins = [member for member in chat.members.values() if member.admin]
    return [member_json(member) for member in admins if shown or not member.user.is_bot or member.user is own]


@method("getChatMemberCount", "chat_id!")
def get_chat_member_count(call: Call) -> int:
    """Return how many members a chat has."""
    chat = target_chat(call, write=False)
    return 2 if chat.private else sum(member.present for member in chat.members.values())


@method("leaveChat", "chat_id!")
def leave_chat(call: Call) -> bool:
    """Take the bot out of a group."""
    core, chat = call.core, target_chat(call, write=False)
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    member = chat.members[core.bot.id]
    old, member.status = member_json(member), "left"
    core.add_message(chat, core.bot, {"left_chat_member": user_json(core.bot)}, service=True)
    core.tell_member(chat, core.bot, old, member)
    core.signals.fire("member", chat=chat.id)
    return True
