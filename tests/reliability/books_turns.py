"""The model of messages: taken in, asked about, reserved, answered or not, by workers who may lose their lease."""

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.reliability.books_groups import CARRY, KEEP, REFUND, Groups
from tests.reliability.books_messages import Ask, Key, Press, Said, Turn
from tests.reliability.books_model import MILLION, Figures, Player, Refused

MINUTE = timedelta(minutes=1)


class Books(Groups):
    """The whole model."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.turns: dict[Key, Turn] = {}
        self.begun: list[Key] = []
        """Turns that somebody was given to answer, until they are looked at."""
        self.asked: list[Ask] = []
        """Questions that were put, until they are looked at."""

    def accept(self, said: Said, owner: str, now: datetime) -> str:
        """Take a message in."""
        player, home = self.players[said.player], self.home(said.key[0])
        removed_at = self.groups[home].removed_at if home < 0 else None
        if removed_at is not None and said.sent_at > removed_at:
            self.wake(home, now)
        refusal = self._refusal(player, said, now)
        if said.key in self.turns:
            return "duplicate"
        turn = self.turns[said.key] = Turn(said=said, created_at=now)
        if refusal is not None:
            turn.state = "declined"
            return refusal
        self.promote(said.player, owner, now)
        return "taken"

    def _refusal(self, player: Player, said: Said, now: datetime) -> str | None:
        if player.minute_from is None or not player.minute_from <= now < player.minute_from + MINUTE:
            player.minute_from, player.minute_count = now, 0
        player.minute_count += 1
        if player.minute_count > self.figures.per_minute:
            return "flood" if player.minute_count == self.figures.per_minute + 1 else "flood_more"
        if now > said.sent_at + self.figures.old_message:
            return "old"
        return "queue_full" if len(self._waiting(said.player)) >= self.figures.queue_length else None

    def _waiting(self, number: int) -> list[Turn]:
        return [one for one in self.turns.values() if (one.said.player, one.state) == (number, "waiting")]

    def promote(self, number: int, owner: str, now: datetime) -> None:
        """Begin the oldest waiting turn of a player if none is under way."""
        if self.under_way(number) is not None:
            return
        self.players[number].begin_day(now)
        for turn in self._waiting(number):
            if self._begin(turn, owner, now):
                return

    def under_way(self, number: int) -> Turn | None:
        """Return the turn of a player that is being answered."""
        found = (one for one in self.turns.values() if one.said.player == number)
        return next((one for one in found if one.state == "reserved"), None)

    def _begin(self, turn: Turn, owner: str, now: datetime) -> bool:
        player, price = (
            self.players[turn.said.player],
            self.next_price(turn.said.player, turn.said.key[0], now),
        )
        turn.is_free = (
            turn.said.key[0] > 0 and not turn.said.always_paid and self.free_left(turn.said.player, now) > 0
        )
        if now > (turn.confirm_until or turn.said.sent_at + self.figures.old_message):
            turn.state, turn.is_free = "declined", False
        elif not turn.is_free and player.balance - player.held < price:
            turn.state = "declined"
        elif not turn.is_free and self._must_ask(turn, price):
            turn.state, turn.price, turn.confirm_until = "asking", price, now + self.figures.confirm
            self._ask(turn.said.player, turn.said.key[0], price, now, turn.said.key)
        else:
            turn.price, turn.feeds = 0 if turn.is_free else price, self.is_pot_on(turn.said.key[0])
            player.held += turn.price
            turn.state, turn.day, turn.reserved_at = "reserved", player.day, now
            self._hand(turn, owner, now)
        return turn.state == "reserved"

    def next_price(self, number: int, place: int, now: datetime) -> int:
        """Return the price of a player's next paid message in a chat; one under way counts as paid."""
        player, turn = self.players[number], self.under_way(number)
        day = max(player.day, now.date())
        paid = player.paid_on(day) + (turn is not None and not turn.is_free and turn.day == day)
        price = min(self.figures.base + self.figures.step * paid, self.figures.cap)
        return price if self.is_pot_on(place) else (price + 1) // 2

    def free_left(self, number: int, now: datetime) -> int:
        """Return how many free messages a player has left today."""
        today = (number, max(self.players[number].day, now.date()))
        used = sum(
            one.is_free and (one.said.player, one.day) == today and one.state in ("reserved", "settled")
            for one in self.turns.values()
        )
        return max(0, self.figures.free_per_day - used)

    def _must_ask(self, turn: Turn, price: int) -> bool:
        if turn.agreed == price:
            return False
        has_risen = turn.agreed is not None and price > turn.agreed
        return has_risen or price > self.figures.guard or self.players[turn.said.player].paid_total == 0

    def _hand(self, turn: Turn, owner: str, now: datetime) -> None:
        end = max(now, turn.reserved_at + self.figures.deadline)
        turn.owner, turn.lease_until, turn.worker = owner, end + self.figures.beyond, turn.worker + 1
        self.begun.append(turn.said.key)

    def _ask(self, player: int, place: int, credits: int, now: datetime, key: Key | None = None) -> None:
        ways = ("gift", "keep") if key is None else ("pay", "cancel")
        self._put(Ask(player=player, place=place, credits=credits, until=now, key=key, ways=ways))

    def _put(self, ask: Ask) -> None:
        ask.place, ask.until = self.home(ask.place), ask.until + self.figures.confirm
        self.asked.append(ask)

    def ask_gift(self, number: int, place: int, credits: int, now: datetime) -> None:
        """Ask a player whether he wants to make a gift."""
        self._check_pot(place)
        self.need(number, credits).begin_day(now)
        self._ask(number, place, credits, now)

    def _check_pot(self, place: int) -> None:
        if not self.is_pot_on(place):
            raise Refused("pots_off")

    def ask_reset(self, number: int, place: int, now: datetime) -> None:
        """Ask an admin how he wants to reset the pot of a group."""
        ways, k = (*self.ways_to_reset(place, now), KEEP), self.pot_of(place).k
        self._put(Ask(player=number, place=place, credits=k, until=now, ways=ways))

    def press(self, ask: Ask, press: Press, cause: str) -> str:
        """Press one of the buttons of a question."""
        if self.home(press.place) != self.home(ask.place):
            raise Refused("expired_button")
        if press.player != ask.player:
            raise Refused("not_yours")
        if ask.is_used:
            raise Refused("used_button")
        if ask.until <= press.at:
            raise Refused("expired_button")
        self._pressed(ask, press, cause)
        ask.is_used = True
        return press.way

    def _pressed(self, ask: Ask, press: Press, cause: str) -> None:
        if press.way in (CARRY, REFUND):
            if not press.is_admin:
                raise Refused("not_admin")
            self.reset(ask.place, press.way, ask.credits, press.at)
        elif press.way == "gift":
            self._check_pot(ask.place)
            self.gift(ask.player, ask.place, ask.credits, cause, press.at)
        elif ask.key is not None:
            self._agree(self.turns[ask.key], press)

    def _agree(self, turn: Turn, press: Press) -> None:
        if turn.state != "asking":
            raise Refused("guard_expired")
        if press.way == "cancel":
            turn.state = "declined"
            return
        turn.state, turn.agreed, turn.confirm_until = "waiting", turn.price, press.at + self.figures.confirm
        self.promote(turn.said.player, press.owner, press.at)

    def settle(self, key: Key, worker: int, roll: Callable[[], int], now: datetime) -> bool:
        """Store a worker's answer; return whether more of the player's turns wait. ``roll`` is the ticket's."""
        turn = self._own(key, worker)
        if turn is not None:
            turn.state = "settled"
            if not turn.is_free:
                self._charge(turn, roll, now)
        return bool(self._waiting(self.turns[key].said.player))

    def release(self, key: Key, worker: int) -> bool:
        """Give the price of a worker's turn back; return whether more of the player's turns wait."""
        turn = self._own(key, worker)
        if turn is not None:
            turn.state = "released"
            self.players[turn.said.player].held -= turn.price or 0
        return bool(self._waiting(self.turns[key].said.player))

    def _own(self, key: Key, worker: int) -> Turn | None:
        turn = self.turns[key]
        if turn.worker != worker:
            raise Refused("lease_lost")
        return turn if turn.state == "reserved" else None

    def _charge(self, turn: Turn, roll: Callable[[], int], now: datetime) -> None:
        price = turn.price or 0
        player = self.players[turn.said.player]
        self.book(f"turn:{turn.said.key}")
        player.balance -= price
        player.held -= price
        player.paid_total += 1
        if turn.day == player.day:
            player.paid_today += 1
            player.spent_today += price
        self.house += price // 10 if turn.feeds else price
        if turn.feeds:
            self._draw(turn, price, roll(), now)

    def _draw(self, turn: Turn, price: int, roll: int, now: datetime) -> None:
        number, pot = turn.said.player, self.pot_of(turn.said.key[0])
        pot.feed(number, price - price // 10, now)
        pot.tickets.append(number)
        if roll < min(price * self.figures.ppm_per_credit, MILLION):
            prize = pot.prize(self.figures)
            self.book(f"win:{turn.said.key}")
            self.players[number].balance += prize
            self.players[number].wins += 1
            pot.close("won", prize, now)

    def sweep(self, owner: str, now: datetime) -> None:
        """End questions whose time is over and begin turns that nothing begins any more."""
        for turn in self.turns.values():
            if turn.state == "asking" and turn.confirm_until is not None and turn.confirm_until <= now:
                turn.state = "declined"
        for number in self.players:
            if any(one.created_at < now - self.figures.stalled_after for one in self._waiting(number)):
                self.promote(number, owner, now)

    def claim(self, owner: str, *, alone: bool, now: datetime) -> None:
        """Take over turns whose worker is gone; ``alone``: all others are."""
        for turn in self.turns.values():
            is_free = turn.lease_until < now or (alone and turn.owner != owner)
            if turn.state == "reserved" and is_free:
                self._hand(turn, owner, now)

    def give_up(self, owner: str, now: datetime) -> None:
        """Let go of all that a worker has in hand."""
        for turn in self.turns.values():
            if (turn.state, turn.owner) == ("reserved", owner):
                turn.owner, turn.lease_until, turn.worker = "", now, turn.worker + 1

    def messages(self) -> dict[Key, tuple[object, ...]]:
        """Return what must stand in the books about each message."""
        return {key: (one.state, one.price, one.is_free) for key, one in self.turns.items()}
