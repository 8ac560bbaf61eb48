"""Topics of forums: opened, closed, opened again."""

from bot.playground.errors import PlayError
from bot.playground.membership import Membership
from bot.playground.models import ADMINS, Chat, Topic, User
from bot.playground.rights import check_alive, check_title

_ICON_COLOR = 0x6FB9F0


class Topics(Membership):
    """What people do with the topics of a forum."""

    def begin_topics(self, chat: Chat | int) -> None:
        """Make a supergroup a forum.

        Raises:
            PlayError: it is a basic group, or no group.
        """
        chat = self.chat(chat)
        if chat.type != "supergroup":
            raise PlayError("only a supergroup has topics")
        chat.forum = True
        self.signals.fire("chat", chat=chat.id)

    def add_topic(self, chat: Chat | int, name: str, *, by: User | int) -> Topic:
        """Open a topic.

        Raises:
            PlayError: the group has no topics.
        """
        chat, name = self.chat(chat), check_title(name)
        check_alive(chat)
        if not chat.forum:
            raise PlayError(f"{chat.title} has no topics")
        content = {"forum_topic_created": {"name": name, "icon_color": _ICON_COLOR}}
        message = self.announce(chat, self.user(by), content)
        return chat.threads.setdefault(message.id, Topic(message.id, name))

    def close_topic(self, chat: Chat | int, topic_id: int, *, by: User | int, closed: bool = True) -> Topic:
        """Close a topic, so that only admins write in it, or open it again.

        Raises:
            PlayError: there is no such topic.
        """
        chat = self.chat(chat)
        topic = self._topic(chat, topic_id)
        if topic.closed != closed:
            topic.closed = closed
            name = "forum_topic_closed" if closed else "forum_topic_reopened"
            self.announce(chat, self.user(by), {name: {}}, thread=topic_id)
        return topic

    def check_topic(self, chat: Chat, topic_id: int, user: User) -> None:
        """Look whether somebody may write in a topic.

        Raises:
            PlayError: there is none, or it is closed.
        """
        if self._topic(chat, topic_id).closed and chat.status_of(user.id) not in ADMINS:
            raise PlayError("the topic is closed")

    @staticmethod
    def _topic(chat: Chat, topic_id: int) -> Topic:
        if topic_id not in chat.threads:
            raise PlayError(f"{chat.title} has no topic {topic_id}", 404)
        return chat.threads[topic_id]
