"""The scripts that are tried at every commit and every call. A new feature adds its own here."""

from datetime import timedelta
from typing import Any, Final

from tests.reliability.crash_rig import Scenario, Stage
from tests.stand_ins import CERTAIN, WEBHOOK

PAID: Final[dict[str, Any]] = {"free_messages_per_day": 0, "chance_ppm_per_credit": 1}
"""Every message is paid, and no ticket wins."""
EDITED: Final = {**PAID, "edit_minutes": 60}
LONG: Final = "word " * 800
"""A question whose answer takes two messages."""


async def paid_before(here: Stage) -> None:
    """Let Ana pay for her first message, about which she is asked."""
    await here.pay(here.ana, "earlier")


async def group_before(here: Stage) -> None:
    """Let Ana pay for her first message, and found a group."""
    await paid_before(here)
    await here.found_group()


async def played_before(here: Stage) -> None:
    """Let Ana and Ben pay in a group of hers."""
    await group_before(here)
    for user in (here.ana, here.ben):
        await here.pay(user, "/ask hello", chat=here.group)


async def pot_before(here: Stage) -> None:
    """Let a pot hold a gift as well, and then nobody pay for more than a week."""
    await played_before(here)
    await here.say(here.ben, "/contribute 30", chat=here.group)
    await here.press(here.ben, "Yes", chat=here.group)
    here.lives.let_pass(timedelta(days=8))


async def report_before(here: Stage) -> None:
    """Let Ana choose a daily report, and both pay."""
    await group_before(here)
    await here.say(here.ana, "/settings", chat=here.group)
    for button in ("Report", "Every day"):
        await here.press(here.ana, button, chat=here.group)
    for user in (here.ana, here.ben):
        await here.pay(user, "/ask hello", chat=here.group)


async def first_paid_message(here: Stage) -> None:
    """The bot starts, and somebody pays for the first time."""
    await here.say(here.ana, "hello")
    await here.press(here.ana, "Pay 5")


async def next_paid_message(here: Stage) -> None:
    """It costs more than the first."""
    await here.say(here.ana, "and now")


async def won_rounds(here: Stage) -> None:
    """A ticket wins the pot, and so does the next one in the next round."""
    await here.pay(here.ana, "lucky")
    await here.pay(here.ana, "again")


async def free_message(here: Stage) -> None:
    """It costs nothing, as long as there are any."""
    await here.say(here.ana, "for free")
    await here.say(here.ana, "free again")


async def failing_model(here: Stage) -> None:
    """Nothing is charged, and the next price is the same."""
    await here.say(here.ana, "unanswerable")
    await here.say(here.ana, "and this?")


async def asked_in_a_group(here: Stage) -> None:
    """The group's own pot is fed."""
    await here.say(here.ana, "/ask how are you", chat=here.group)
    await here.pay(here.ben, "/ask and me", chat=here.group)


async def growing_in_a_group(here: Stage) -> None:
    """The message in which it grows becomes the answer; one that nobody knows of may be left by each crash."""
    await here.say(here.ana, "/ask tell it slowly", chat=here.group)
    assert len(here.growing()) <= len(here.lives.ended_at)


async def stopped_before_it_was_read(here: Stage) -> None:
    """Nothing is charged, and the next price is the same."""
    await here.say(here.ana, "/ask tell it silently", "/stop", chat=here.group)
    await here.say(here.ana, "/ask and this?", chat=here.group)


async def three_at_once(here: Stage) -> None:
    """They are begun one by one, each at its own price."""
    await here.say(here.ana, "one", "two", "three")


async def daily_credits(here: Stage) -> None:
    """They are given once a day."""
    await here.say(here.ana, "/daily")
    await here.say(here.ana, "/daily")


async def gift_to_the_pot(here: Stage) -> None:
    """It is asked about once more, then booked."""
    await here.say(here.ana, "/contribute 40")
    await here.press(here.ana, "Yes")


async def cancelled_question(here: Stage) -> None:
    """Nothing is charged."""
    await here.say(here.ana, "too dear?")
    await here.press(here.ana, "Cancel")


async def paid_by_webhook(here: Stage) -> None:
    """Telegram posts the updates instead of being asked for them."""
    await here.say(here.ana, "hello")
    await here.press(here.ana, "Pay 5")
    await here.say(here.ana, "/balance")


async def settings_of_a_player(here: Stage) -> None:
    """Each is told to be set, whatever happens in between."""
    await here.say(here.ana, "/seed mine")
    await here.say(here.ana, "/limit 7")
    await here.say(here.ana, "/language en")


async def pot_carried_over(here: Stage) -> None:
    """The pot is the seed of the next round, and its first ticket is of that round."""
    await here.say(here.ana, "/reset", chat=here.group)
    await here.press(here.ana, "Carry", chat=here.group)
    await here.say(here.ana, "/ask what now", chat=here.group)


async def pot_paid_back(here: Stage) -> None:
    """Everybody gets back what he put in, once, and is told."""
    await here.say(here.ana, "/reset", chat=here.group)
    await here.press(here.ana, "Pay back", chat=here.group)


async def edit_before(here: Stage) -> None:
    """Let Ana pay for a message whose answer takes two messages, and for the first one."""
    await paid_before(here)
    await here.say(here.ana, LONG)


async def edited_message(here: Stage) -> None:
    """It is answered again in place, with fewer messages."""
    await here.edit(here.ana, "short")


async def edited_to_a_long_message(here: Stage) -> None:
    """It is answered again in place, with one message more."""
    await here.edit(here.ana, LONG)


async def failing_edit(here: Stage) -> None:
    """The first answer stays."""
    await here.edit(here.ana, "unanswerable")


async def tried_again(here: Stage) -> None:
    """It fails again, and still nothing is charged."""
    await here.say(here.ana, "unanswerable")
    await here.press(here.ana, "🔁")
    await here.say(here.ana, "/retry")


async def forgotten_and_back(here: Stage) -> None:
    """All that was said is erased, batch by batch, and nothing of the books; who writes again has them back."""
    await here.say(here.ana, "/forgetme")
    await here.press(here.ana, "Go on")
    await here.press(here.ana, "Yes, forget me")
    here.lives.let_pass(timedelta(minutes=5))
    await here.say(here.ben, "/balance")
    await here.say(here.ana, "hello again")


async def break_taken(here: Stage) -> None:
    """Nothing is paid for from then on."""
    await here.say(here.ana, "/break 7")
    await here.press(here.ana, "Yes, 7 days")
    await here.say(here.ana, "not now")


async def report_of_a_group(here: Stage) -> None:
    """It comes at its hour, once."""
    await here.wait(timedelta(hours=6))


async def bot_away_for_too_long(here: Stage) -> None:
    """The round is paid back by timers, and the bot is welcome again."""
    await here.set_bot("kicked")
    await here.wait(timedelta(days=8))
    await here.set_bot("member")


async def group_that_moves(here: Stage) -> None:
    """The old group tells of it first; the round goes on."""
    await here.move_group("to", "from")
    await here.pay(here.ana, "/ask still here?", chat=here.group)


async def group_that_has_moved(here: Stage) -> None:
    """The new group tells of it first; the round goes on."""
    await here.move_group("from", "to")
    await here.pay(here.ana, "/ask still here?", chat=here.group)


SCENARIOS: Final = (
    Scenario(play=first_paid_message, settings=PAID, from_birth=True),
    Scenario(play=next_paid_message, before=paid_before, settings=PAID),
    Scenario(play=won_rounds, settings=CERTAIN),
    Scenario(play=free_message),
    Scenario(play=failing_model, before=paid_before, settings=PAID, failing=frozenset({"unanswerable"})),
    Scenario(play=asked_in_a_group, before=group_before, settings=PAID),
    Scenario(play=growing_in_a_group, before=group_before, settings=PAID),
    Scenario(play=stopped_before_it_was_read, before=group_before, settings=PAID),
    Scenario(play=three_at_once, before=paid_before, settings=PAID),
    Scenario(play=daily_credits, settings={"welcome_grant_credits": 100}),
    Scenario(play=gift_to_the_pot),
    Scenario(play=cancelled_question, settings=PAID),
    Scenario(play=settings_of_a_player),
    Scenario(play=forgotten_and_back, before=group_before, settings=PAID),
    Scenario(play=break_taken, before=paid_before, settings=PAID),
    Scenario(play=pot_carried_over, before=pot_before, settings=PAID),
    Scenario(play=pot_paid_back, before=pot_before, settings=PAID),
    Scenario(play=edited_message, before=edit_before, settings=EDITED, in_place=True),
    Scenario(play=edited_to_a_long_message, before=paid_before, settings=EDITED, in_place=True),
    Scenario(play=failing_edit, before=paid_before, settings=EDITED, failing=frozenset({"unanswerable"})),
    Scenario(play=tried_again, before=paid_before, settings=PAID, failing=frozenset({"unanswerable"})),
    Scenario(play=report_of_a_group, before=report_before, settings=PAID),
    Scenario(play=bot_away_for_too_long, before=played_before, settings=PAID),
    Scenario(play=group_that_moves, before=played_before, settings=PAID),
    Scenario(play=group_that_has_moved, before=played_before, settings=PAID),
    Scenario(play=paid_by_webhook, settings={**PAID, **WEBHOOK}),
)
