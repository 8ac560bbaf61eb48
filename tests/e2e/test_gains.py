"""What players hear of Premium's end, of what they owe, and of Premium that still renews when they want to go."""

from datetime import timedelta

from bot.playground.bank import Charge
from bot.playground.models import User
from services.reclaims import reclaim
from tests.scene import Scene
from tests.shop import buy, shop, subscribe

DAY = timedelta(days=1)


async def indebted(here: Scene, user: User) -> Charge:
    """Have a player spend what he bought, and Telegram take its Stars back; he owes 990 credits."""
    bought = await buy(here, user)
    await here.ask(user, "/contribute 1990")
    await here.press(user, here.buttons(user)[0])
    parts = here.app.parts
    await parts.db.transact(reclaim, bought.id, parts.rules, parts.stamps.take())
    return bought


async def test_t53_who_owes_is_told_how_to_settle_it_whatever_he_asks_for(database_url: str) -> None:
    async with shop(database_url) as here:
        await indebted(here, here.ben)
        owes = "You owe 990 credits, since Telegram took back Stars you had paid. Nothing was charged."
        for asked in ("hello", "/play hello", "/contribute 5", "/daily"):
            assert owes in await here.ask(here.ben, asked)
        in_group = await here.ask(here.ben, "/ask hello", here.group)
        assert "I can't take anything from you right now" in in_group
        assert "990" not in in_group
        await buy(here, here.ben)
        assert owes not in await here.ask(here.ben, "hello")


async def test_an_operators_grant_tells_what_of_it_covered_a_debt(sqlite_url: str) -> None:
    async with shop(sqlite_url) as here:
        await indebted(here, here.ben)
        both = await here.ask(here.ben, f"/grant {here.ben.id} 500 an apology")
        assert (
            both.count("500 credits of it went to what you owed; 490 credits are still to be covered.") == 1
        )
        assert both.count("Of that, 500 credits covered a debt, of which 490 credits are left.") == 1
        both = await here.ask(here.ben, f"/grant {here.ben.id} 500 another one")
        assert both.count("490 credits of it went to what you owed, which is covered now.") == 1
        assert "You have 10 now" in both


async def test_the_end_of_premium_is_told_three_days_before_and_after_it(database_url: str) -> None:
    async with shop(database_url) as here:
        here.app.telegram.cancel(await subscribe(here, here.ben))
        await here.app.settled()
        heard = []
        for move in (26 * DAY, DAY, 3 * DAY, DAY):
            before = len(here.app.texts(here.ben))
            here.app.clock.move(move)
            await here.app.parts.upkeep.run_timers()
            await here.app.settled()
            heard.append([text.split(" on ")[0] for text in here.app.texts(here.ben)[before:]])
        assert heard == [[], ["Your Premium ends"], [], ["Your Premium ended"]]


async def test_premium_that_renews_must_be_cancelled_before_its_player_is_forgotten(sqlite_url: str) -> None:
    async with shop(sqlite_url) as here:
        subscription = await subscribe(here, here.ben)
        await here.ask(here.ben, "/forgetme")
        await here.press(here.ben, "Go on")
        forget = here.app.buttons(here.ben)["Yes, forget me"]
        message_id = here.app.last_id(here.ben)
        answer = await here.app.telegram.press(here.ben, here.ben.id, message_id, forget)
        assert answer is not None
        assert "Cancel it first" in answer["text"]
        here.app.telegram.cancel(subscription)
        await here.app.settled()
        await here.press(here.ben, "Yes, forget me")
        assert "I have forgotten you" in here.app.last(here.ben)
