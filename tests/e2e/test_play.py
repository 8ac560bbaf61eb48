"""The game as it is played: free, asked, paid, dear, won; in private, in groups, by polling and by webhook."""

import asyncio
import json
import re
from datetime import timedelta

from bot.playground.models import User
from services import verify_pot
from services.ports import ModelUnavailable
from tests.app import CountedEntropy
from tests.scene import Scene, last_file, pay, scene
from tests.stand_ins import (
    CERTAIN,
    EN,
    PAID,
    ScriptedModel,
    fine,
)

PAY = "Pay 5 and send"
DOWN = ModelUnavailable(reason="http_5xx")


def receipt(here: Scene, user: User) -> str:
    """Return the last line of what the bot said last in private."""
    return here.app.last(user).rpartition("\n")[2]


# ---- alone with the bot


async def test_the_free_five_end_with_warnings_and_what_comes_next(database_url: str) -> None:
    async with scene(database_url, model=fine()) as here:
        said = [await here.ask(here.ben, f"message {number}") for number in range(5)]
        assert said[:2] == ["fine", "fine"]
        assert said[2] == "fine\n\n2 free messages left today"
        assert said[3] == "fine\n\n1 free message left today"
        over = EN.plain("free.over", price=5, wait=timedelta(hours=12))
        assert said[4] == f"fine\n\n{over}"
        assert "The pot: 0 credits" in await here.ask(here.ben, "/pot")
        assert "You have 1,000 credits" in await here.ask(here.ben, "/balance")
        assert "first paid message" in await here.ask(here.ben, "one more")
        here.app.clock.move(timedelta(hours=12))
        assert await here.ask(here.ben, "a new day") == "fine"


async def test_a_free_message_that_failed_leaves_its_slot_free(sqlite_url: str) -> None:
    model = ScriptedModel((DOWN,), (DOWN,), ("fine",))
    async with scene(sqlite_url, model=model, free_messages_per_day=1) as here:
        assert await here.ask(here.ben, "one") == EN("released.failed")
        assert (await here.ask(here.ben, "two")).startswith("fine\n\nThat was today's last free message")
        assert "first paid message" in await here.ask(here.ben, "three")


async def test_the_first_paid_message_asks_and_cancel_keeps_everything(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine(), **PAID) as here:
        asked = await here.ask(here.ben, "hello")
        for fact in ("first paid message", "5 credits", "1 in 200", "10%", "10 minutes"):
            assert fact in asked
        assert here.buttons(here.ben) == [PAY, "Cancel"]
        assert await here.press(here.ben, "Cancel") == EN("guard.cancelled")
        assert here.buttons(here.ben) == []
        assert "first paid message" in await here.ask(here.ben, "again")
        await here.press(here.ben, PAY)
        assert here.app.texts(here.ben)[-2] == EN("guard.paid", price=5)
        line = r"fine\n\n5 credits · ticket 1 · 1 in 200 · rolled [\d,]+ · pot 5 · you have 995"
        assert re.fullmatch(line, here.app.last(here.ben))


async def test_prices_rise_with_each_answer_and_dear_ones_ask(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine(), entropy=CountedEntropy(seed=2), **PAID) as here:
        await pay(here, here.ben, "message 1")
        for number, (price, balance) in enumerate(((10, 985), (15, 970), (20, 950), (25, 925)), 2):
            said = await here.ask(here.ben, f"message {number}")
            assert f"{price} credits · ticket {number} · 1 in {1_000 // price}" in said
            assert said.endswith(f"you have {balance}")
        assert "above your limit" in await here.ask(here.ben, "message 6")
        assert here.buttons(here.ben) == ["Pay 30 and send", "Cancel"]
        await here.press(here.ben, "Pay 30 and send")
        assert receipt(here, here.ben).startswith("30 credits · ticket 6")
        await here.ask(here.ben, "/limit 5")
        here.app.clock.move(timedelta(hours=12))
        assert "5 credits · ticket 7" in await here.ask(here.ben, "a new day")
        assert "above your limit" in await here.ask(here.ben, "and its second")


async def test_an_agreed_price_that_has_risen_meanwhile_is_asked_about_again(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine(), **PAID) as here:
        await here.ask(here.ben, "one")
        first, agreed = here.app.last_id(here.ben), here.app.buttons(here.ben)[PAY]
        await here.ask(here.ben, "two")
        await here.press(here.ben, PAY)
        await here.app.press(here.ben, here.ben, first, agreed)
        assert "the price has changed, so nothing was charged" in here.app.last(here.ben)
        assert here.buttons(here.ben) == ["Pay 10 and send", "Cancel"]
        await here.press(here.ben, "Pay 10 and send")
        assert receipt(here, here.ben).endswith("you have 985")


async def test_play_skips_the_free_lane(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine()) as here:
        assert "/play" in await here.ask(here.ben, "/play")
        await pay(here, here.ben, "/play for a ticket")
        assert receipt(here, here.ben).startswith("5 credits · ticket 1")
        assert await here.ask(here.ben, "still free") == "fine"


async def test_too_little_credit_is_told_and_nothing_is_asked_of_the_model(sqlite_url: str) -> None:
    model = fine()
    async with scene(sqlite_url, model=model, welcome_grant_credits=12, **PAID) as here:
        await pay(here, here.ben, "one")
        said = await here.ask(here.ben, "two")
        assert said == EN("error.insufficient_funds", price=10, available=7)
        assert len(model.questions) == 1
        assert "costs 10 credits" in await here.ask(here.ben, "/price")
        assert "You have 7 credits" in await here.ask(here.ben, "/balance")


async def test_a_failing_model_costs_nothing_and_raises_no_price(database_url: str) -> None:
    model = ScriptedModel((DOWN,), (DOWN,), ("fine",))
    async with scene(database_url, model=model, **PAID) as here:
        await pay(here, here.ben, "one")
        assert here.app.last(here.ben) == EN("released.failed")
        assert "costs 5 credits" in await here.ask(here.ben, "/price")
        assert "0 tickets so far" in await here.ask(here.ben, "/pot")
        await pay(here, here.ben, "two")
        assert receipt(here, here.ben).startswith("5 credits · ticket 1")


async def test_messages_queue_behind_a_slow_one_and_are_priced_in_their_turn(database_url: str) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(("fine",), ("slow", gate), ("fine",))
    async with scene(database_url, model=model, guard_limit_credits=1_000, **PAID) as here:
        await pay(here, here.ben, "zero")
        for number in range(8):
            here.app.telegram.say(here.ben, here.ben, f"message {number}")
        await here.app.telegram.wait_for_text(here.ben, "5 messages waiting")
        await here.app.telegram.drained()
        await here.app.parts.lanes.idle()
        here.app.telegram.say(here.ben, here.ben, "/balance")
        await here.app.telegram.wait_for_text(here.ben, "10 credits of it are set aside")
        assert len(model.questions) == 2
        gate.set()
        await here.app.settled()
        asked = [one.text for one in model.questions]
        assert asked == ["zero", *(f"message {number}" for number in range(6))]
        tickets = [text.rpartition("\n")[2] for text in here.app.texts(here.ben) if "· ticket" in text]
        assert [line.split(" credits")[0] for line in tickets] == ["5", "10", "15", "20", "25", "30", "35"]
        refused = [text for text in here.app.texts(here.ben) if text == EN("queue.full", most=5)]
        assert len(refused) == 2


async def test_drafts_grow_in_private_and_typing_shows_in_groups(sqlite_url: str) -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    model = ScriptedModel(("It begins", gates[0], " and ends."), ("fine", gates[1]))
    async with scene(sqlite_url, model=model) as here:
        here.app.telegram.say(here.ben, here.ben, "hello")
        drafts = await here.app.telegram.wait_for(
            lambda: here.app.telegram.calls_of("sendMessageDraft", ok=True)
        )
        assert drafts[0].params["text"].startswith("It begins")
        assert here.app.texts(here.ben) == []
        gates[0].set()
        await here.app.settled()
        assert here.app.texts(here.ben) == ["It begins and ends."]
        await here.ask(here.ben, "/ask hello", here.group)
        here.app.telegram.press(here.ben, here.group.id, here.app.last_id(here.group), PAY)
        await here.app.telegram.wait_for(lambda: here.app.telegram.calls_of("sendChatAction", ok=True))
        assert not [
            one
            for one in here.app.telegram.calls_of("sendMessageDraft")
            if one.params["chat_id"] != here.ben.id
        ]
        gates[1].set()
        await here.app.settled()
        assert here.app.last(here.group).startswith("fine")


# ---- the win


async def test_a_won_pot_is_paid_announced_followed_by_the_next_round_and_proved(database_url: str) -> None:
    async with scene(database_url, model=fine(), **CERTAIN) as here:
        await here.ask(here.ben, "/contribute 11")
        await here.press(here.ben, "Yes, do it")
        await pay(here, here.ben, "hello")
        answer, won = here.app.texts(here.ben)[-2:]
        assert "100 credits · ticket 1 · 1 in 1 · rolled" in answer
        assert answer.endswith("pot 11 · you have 979")
        assert "You won the pot!" in won
        assert "won 90 credits" in won
        assert "Round 2 begins with 11 in the pot" in won
        shown = await here.ask(here.ana, "/pot")
        assert "El bote: 11 créditos" in shown
        assert "Ronda 2" in shown
        assert "Ben" not in shown
        await here.ask(here.ben, "/proof 1")
        proof = last_file(here, here.ben)
        assert verify_pot.verify(proof) is None
        facts = json.loads(proof)
        assert (facts["prize"], facts["count"], facts["tickets"][0]["price"]) == (90, 1, 100)
        facts["tickets"][0]["price"] = 99
        assert verify_pot.verify(facts) is not None


async def test_a_group_hears_who_won_and_its_pot_is_its_own(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine(), **CERTAIN) as here:
        await pay(here, here.ana, "/ask hola", here.group)
        said = here.app.texts(here.group)[-2:]
        assert "100 créditos · boleto 1" in said[0]
        assert "Ana" in said[1]
        assert "81 créditos" in said[1]
        assert "The pot: 9 credits" in await here.ask(here.ben, "/pot", here.group)
        assert "0 tickets so far" in await here.ask(here.ben, "/pot")


# ---- groups


async def test_a_group_is_welcomed_with_rules_and_anchor_when_the_bot_is_added(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        welcome = here.app.texts(here.group)[0]
        group = here.app.telegram.add_group("Más", [here.ana, here.ben], admins=[here.ana])
        await here.app.settled()
        spanish = here.app.texts(group)[0]
        for fact in ("/ask", "@potluck_bot", "10", "5 créditos"):
            assert fact in spanish
        anchor = spanish.splitlines()[-1]
        assert len(anchor) == 64
        assert anchor in await here.ask(here.ben, "/fair", group)
        assert anchor not in welcome


async def test_in_a_group_only_replies_mentions_and_ask_reach_the_bot(sqlite_url: str) -> None:
    model = fine()
    async with scene(sqlite_url, model=model, **PAID) as here:
        here.app.telegram.privacy = False  # as if it were an admin: it sees everything
        count = len(here.app.texts(here.group))
        for text in ("hello all", "I like potluck_bot", "@another_bot hello", "potluck bot, are you there?"):
            assert await here.ask(here.ben, text, here.group) == ""
        await pay(here, here.ben, "/ask one", here.group)
        await here.ask(here.ben, "@Potluck_Bot two", here.group)
        await here.ask(here.ben, "three", here.group, reply_to=here.app.last_id(here.group))
        plain = await here.app.say(here.ana, here.group, "nothing for bots")
        assert await here.ask(here.ben, "an answer to Ana", here.group, reply_to=plain["message_id"]) == ""
        assert [one.text for one in model.questions] == ["one", "two", "three"]
        assert len(here.app.texts(here.group)) == count + 4  # one of them asked


async def test_group_answers_have_a_short_receipt_without_a_balance(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine(), **PAID) as here:
        await pay(here, here.ben, "/ask one", here.group)
        said = await here.ask(here.ben, "/ask two", here.group)
        assert said == "fine\n\n10 credits · ticket 2 · 1 in 100 · pot 14"
        last = here.app.telegram.messages(here.group)[-1]
        assert last["reply_to_message"]["text"] == "/ask two"
        assert "The pot: 14 credits" in await here.ask(here.ben, "/pot", here.group)
        assert "The pot: 0 credits" in await here.ask(here.ben, "/pot")
        other = here.app.telegram.add_group("Others", [here.ben])
        assert "The pot: 0 credits" in await here.ask(here.ben, "/pot", other)


async def test_t31_answers_stay_in_their_topic(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine(), **PAID) as here:
        forum = here.app.telegram.add_group("Forum", [here.ben], forum=True)
        for text in ("/ask hello", "/pot", "/contribute 5"):
            await here.app.say(here.ben, forum, text, thread=77)
        await here.app.press(here.ben, forum, here.app.telegram.from_bot(forum)[-3].id, PAY)
        threads = [message.thread for message in here.app.telegram.from_bot(forum)]
        assert threads == [None, *[77] * (len(threads) - 1)]
        assert len(threads) >= 5


# ---- modes and languages


async def test_without_pots_messages_cost_half_and_nothing_speaks_of_tickets(database_url: str) -> None:
    async with scene(database_url, model=fine(), pot_enabled=False, **PAID) as here:
        asked = await here.ask(here.ben, "one")
        assert asked == EN.plain("guard.first_no_pot", price=3, ttl=timedelta(minutes=10))
        await here.press(here.ben, "Pay 3 and send")
        assert here.app.last(here.ben) == "fine\n\n3 credits · you have 997"
        assert await here.ask(here.ben, "two") == "fine\n\n5 credits · you have 992"
        assert await here.ask(here.ben, "/ask three", here.group) == "fine\n\n8 credits"
        welcome = here.app.texts(here.group)[0].lower()
        assert not [word for word in ("pot ", "ticket", "anchor", "prize") if word in welcome]


async def test_everyone_is_spoken_to_in_his_language(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine(), **PAID) as here:
        cleo = here.app.telegram.add_user("Cleo", language_code="pt-BR")
        here.app.telegram.private_chat(cleo)
        assert "primer mensaje de pago" in await here.ask(here.ana, "hola")
        assert "first paid message" in await here.ask(here.ben, "hello")
        assert "first paid message" in await here.ask(cleo, "olá")
        await here.ask(here.ben, "/language es")
        assert "primer mensaje de pago" in await here.ask(here.ben, "hola")
        here.ben.language_code = "en"
        assert "Tienes" in await here.ask(here.ben, "/balance")
        here.ana.language_code = "en"  # never chose one: Telegram's counts
        assert "You have" in await here.ask(here.ana, "/balance")
