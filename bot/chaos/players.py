"""The load: people of the fake Telegram who write, pay, give, look and press, as a seed has them do it."""

import asyncio
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bot.chaos.diary import Asked, Diary, Ordered, Pressed
from bot.chaos.eyes import Eyes, tokens_of
from bot.chaos.plan import WELCOME_CREDITS
from bot.chaos.sights import ANSWERS, answer_to_gift, answer_to_seed
from bot.playground.models import Chat, Message, User
from bot.playground.telegram import Telegram
from handlers.keyboards import ACT

PLAYERS, GROUPS, BASIC_GROUPS = 24, 3, 2
MOST_IN_FLIGHT, MOST_IN_A_LULL = 240, 60
"""The latter while a group rests, so that its lull comes soon."""
MOST_OPEN_OF_PLAYER = 10
TICK_SECONDS = 0.02
ACTIONS_PER_TICK = 8
LONGEST_THOUGHT_SECONDS = 1.5
DEAREST_CREDITS = 100
"""Dearer than any message; gifts are dearer still, each by another amount, so that words tell them apart."""
POOR_EVERY = 6
"""One player in so many gives nearly everything away at once, so that means run out."""
CAUTIOUS_EVERY = 4
"""One player in so many wants to be asked about every price."""

_PHRASES = ("hello", "tell me a joke", "what is 17 + 25", "how do draws work", "what is the pot", "any news")


@dataclass(order=True)
class _Thought:
    """A button that somebody will press in a moment."""

    at: float
    chat_id: int = field(compare=False)
    press: Callable[[], None] = field(compare=False)


class Players:
    """The people, what they do next, and the diary of what they did."""

    def __init__(
        self, telegram: Telegram, seed: int, *, players: int = PLAYERS, groups: int = GROUPS
    ) -> None:
        self.diary = Diary()
        self._telegram = telegram
        self._random = random.Random(seed)
        self._people = [telegram.add_user(f"Player {n:02}", language_code="en") for n in range(players)]
        self.admin = self._people[0]
        self.groups = [self._found(f"Group {n}", "supergroup") for n in range(groups)]
        self.basic_groups = [self._found(f"Club {n}", "group") for n in range(BASIC_GROUPS)]
        self._at_play = [*self.groups, *self.basic_groups]
        self._resting = 0
        self._eyes = Eyes(telegram)
        self._thoughts: list[_Thought] = []
        self._number = 0
        questions = (self._write, self._write, self._write, self._play, self._ask, self._ask)
        self._habits = (*questions, self._mention, self._reply, self._look, self._look)
        self._first_id = telegram.updates.next_id

    def _found(self, title: str, kind: str) -> Chat:
        return self._telegram.add_group(title, self._people, kind=kind, admins=[self.admin])

    @property
    def sent(self) -> int:
        """Return how many updates there were so far."""
        return self._telegram.updates.next_id - self._first_id

    @property
    def in_flight(self) -> int:
        """Return about how much the bot has still to do."""
        return len(self._telegram.updates) + self._eyes.waiting

    def rest(self, group: Chat) -> None:
        """Do nothing more in a group but what somebody is about to press."""
        self._at_play.remove(group)
        self._resting += 1

    def go_on(self, group: Chat) -> None:
        """Play in a group, again or as it is now."""
        self._at_play.append(group)
        self._resting -= 1

    def speak(self, group: Chat) -> None:
        """Have the admin say something in a group, so that the bot hears of it."""
        self._order(self.admin, group, "/pot", ANSWERS["/pot"])

    def is_about_to_press(self, group: Chat) -> bool:
        """Return whether somebody is about to press a button there."""
        return any(thought.chat_id == group.id for thought in self._thoughts)

    async def play(self, is_over: Callable[[], bool]) -> None:
        """Do one thing after the other until it is over; wait while the bot has enough to do."""
        for n, user in enumerate(self._people):
            self._begin(n, user)
        while not is_over():
            self._look_around()
            for _ in range(ACTIONS_PER_TICK):
                if self.in_flight < (MOST_IN_A_LULL if self._resting else MOST_IN_FLIGHT):
                    self._act()
            await asyncio.sleep(TICK_SECONDS)

    def _begin(self, n: int, user: User) -> None:
        self._order(user, user, "/start", ANSWERS["/start"])
        if n % CAUTIOUS_EVERY == 1:
            self._order(user, user, "/limit 1", ANSWERS["/limit"])
        if n % POOR_EVERY == 2:
            self._contribute(user, user, WELCOME_CREDITS - 50)

    def _act(self) -> None:
        user = self._random.choice(self._people)
        group = self._random.choice(self._at_play)
        if self._eyes.waiting_of(user) < MOST_OPEN_OF_PLAYER:
            self._random.choice(self._habits)(user, group)

    # ---- questions

    def _write(self, user: User, _: Chat) -> None:
        self._question(user, user, "{}")

    def _play(self, user: User, _: Chat) -> None:
        self._question(user, user, "/play {}")

    def _ask(self, user: User, group: Chat) -> None:
        self._question(user, group, "/ask {}")

    def _mention(self, user: User, group: Chat) -> None:
        self._question(user, group, f"@{self._telegram.bot.username} {{}}")

    def _reply(self, user: User, group: Chat) -> None:
        said = self._telegram.from_bot(group)[-20:]
        if said:
            self._question(user, group, "{}", reply_to=self._random.choice(said).id)

    def _question(self, user: User, where: Chat | User, form: str, reply_to: int | None = None) -> None:
        self._number += 1
        text = f"{self._random.choice(_PHRASES)} no {self._number}"
        update_id = self._telegram.updates.next_id
        message = self._telegram.say(user, where, form.format(text), reply_to=reply_to)
        facts = {
            "update_id": update_id,
            "player": user.id,
            "chat": where.id,
            "message": message["message_id"],
        }
        self.diary.asked.append(Asked(text=text, **facts))
        self._eyes.wait_for_answer(user, where.id, message["message_id"])
        if (
            self._random.random() < 0.02
        ):  # Telegram may deliver a message again, under its own id or a new one
            self._telegram.duplicate(update_id, new_id=self._random.random() < 0.7)

    # ---- commands

    def _look(self, user: User, group: Chat) -> None:
        self._number += 1
        where = self._random.choice((user, user, group))
        match self._random.randrange(8):
            case 0 | 1 | 2 as n:
                command = ("/balance", "/pot", "/price")[n]
                self._order(user, where, command, ANSWERS[command])
            case 3:
                self._order(user, user, "/daily", ANSWERS["/daily"])
            case 4:
                seed = f"seed-{self._number}"
                self._order(user, user, f"/seed {seed}", answer_to_seed(seed))
            case 5:
                self._order(self._random.choice((user, self.admin)), group, "/reset", "")
            case _:
                self._contribute(user, where, DEAREST_CREDITS + self._number)

    def _contribute(self, user: User, where: Chat | User, amount: int) -> None:
        self._order(user, where, f"/contribute {amount}", answer_to_gift(amount))

    def _order(self, user: User, where: Chat | User, text: str, answer: str) -> None:
        update_id = self._telegram.updates.next_id
        message = self._telegram.say(user, where, text)
        facts = {
            "update_id": update_id,
            "player": user.id,
            "chat": where.id,
            "message": message["message_id"],
        }
        self.diary.ordered.append(Ordered(text=text, answer=answer, **facts))

    # ---- what the bot says, and buttons

    def _look_around(self) -> None:
        for message in self._eyes.new_messages():
            user = self._eyes.reader_of(message)
            tokens = tokens_of(message)
            if user is not None and tokens is not None:
                self._think_about(user, message, *tokens)
        now = asyncio.get_running_loop().time()
        while self._thoughts and self._thoughts[0].at <= now:
            heapq.heappop(self._thoughts).press()

    def _think_about(self, user: User, message: Message, agree: str, refuse: str) -> None:
        """Press a button in a moment: mostly the one that agrees, now and then twice."""
        if message.chat.user is None and message.chat not in self._at_play:
            self._eyes.close(user, message)
            return
        dice = self._random.random()
        token = refuse if dice > 0.9 else agree
        if token == refuse:
            self._eyes.close(user, message)
        now = asyncio.get_running_loop().time()
        for _ in range(2 if dice < 0.1 else 1):
            at = now + self._random.random() * LONGEST_THOUGHT_SECONDS
            heapq.heappush(
                self._thoughts, _Thought(at, message.chat.id, partial(self._press, user, message, token))
            )

    def _press(self, user: User, message: Message, token: str) -> None:
        update_id = self._telegram.updates.next_id
        press = self._telegram.press(user, message.chat, message.id, ACT + token)
        self.diary.pressed.append(Pressed(update_id=update_id, player=user.id, token=token, press=press))
