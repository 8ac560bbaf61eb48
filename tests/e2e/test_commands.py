"""What every command shows, in both languages, in private and in groups, against the whole bot."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.playground.models import User
from handlers.text import utf16_len
from handlers.words import Words
from services import verify_pot
from services.ports import Question
from tests.scene import last_file, pay, scene

ANCHOR_HEX = 64
ALWAYS_WINS = {
    "free_messages_per_day": 0,
    "price_cap": 5,
    "prize_cap_credits": 5,
    "chance_ppm_per_credit": 200_000,
}
SCRIPT = Path(verify_pot.__file__).read_bytes()


@pytest.mark.parametrize("name", ["ana", "ben"])
async def test_every_command_answers_in_the_players_language(sqlite_url: str, name: str) -> None:
    expected = {
        "/start": ("1,000 credits", "1.000 créditos"),
        "/help": ("/help all", "/help all"),
        "/help all": ("Credits can't be withdrawn", "Los créditos no se pueden retirar"),
        "/price": ("costs 5 credits", "cuesta 5 créditos"),
        "/balance": ("You have 1,000 credits", "Tienes 1.000 créditos"),
        "/me": ("Paid messages: 0 today", "Mensajes de pago: 0 hoy"),
        "/daily": ("less than 500 credits", "menos de 500 créditos"),
        "/limit": ("dearer than 25 credits", "más de 25 créditos"),
        "/break": ("no paid messages, gifts", "ni mensajes de pago, ni regalos"),
        "/break 7": ("A break of 7 days?", "¿Una pausa de 7 días?"),
        "/usage": ("Today: 0 free (5 left), 0 paid", "Hoy: 0 gratis (5 por usar), 0 de pago"),
        "/forgetme": ("What goes:", "Lo que se va:"),
        "/history": ("welcome", "bienvenida"),
        "/duel": ("Quiz duels", "Duelos de preguntas"),
        "/practice": ("Nothing is staked", "No se apuesta nada"),
        "/receipt": ("/receipt NUMBER", "/receipt NÚMERO"),
        "/pot": ("The pot: 0 credits", "El bote: 0 créditos"),
        "/contribute": ("/contribute AMOUNT", "/contribute CANTIDAD"),
        "/contribute 10": ("Give 10 credits", "¿Regalas 10 créditos"),
        "/fair": ("How a draw works", "Cómo funciona el sorteo"),
        "/proof": ("/proof ROUND", "/proof RONDA"),
        "/seed": ("/seed TEXT", "/seed TEXTO"),
        "/language": ("Which language", "¿En qué idioma"),
        "/nonsense": ("don't know that command", "No conozco ese comando"),
    }
    async with scene(sqlite_url) as here:
        user: User = getattr(here, name)
        for command, (english, spanish) in expected.items():
            here.app.clock.move(timedelta(seconds=4))
            said = await here.ask(user, command)
            assert (spanish if name == "ana" else english) in said, command
            assert utf16_len(said) < 4_000


async def test_start_says_odds_share_and_grant_before_anything_is_paid(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        said = await here.ask(here.ben, "/start")
        for fact in (
            "Hi Ben!",
            "1,000 credits",
            "5 messages a day are free",
            "1 in 200",
            "10%",
            "wins? nothing",
        ):
            assert fact.replace("wins? nothing", "Most tickets win nothing") in said
        assert here.buttons(here.ben) == [
            "🏷 Price",
            "💰 Balance",
            "History",
            "🍲 Pot",
            "⚔️ Duel",
            "How draws work",
            "Help",
        ]


async def test_start_welcomes_back_who_has_played(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "hello")
        assert "Good to see you, Ben!" in await here.ask(here.ben, "/start")


async def test_start_tells_when_the_days_welcome_credits_are_given_out(sqlite_url: str) -> None:
    async with scene(sqlite_url, welcome_budget_credits=1_000) as here:
        await here.ask(here.ana, "/start")
        assert "There will be new ones in 12 hours" in await here.ask(here.ben, "/start")
        here.app.clock.move(timedelta(hours=12, seconds=1))
        assert "1,000 credits are yours" in await here.ask(here.ben, "/start")


async def test_where_no_message_is_free_nothing_says_so(sqlite_url: str) -> None:
    async with scene(sqlite_url, free_messages_per_day=0) as here:
        for command in ("/start", "/help", "/help all"):
            said = await here.ask(here.ben, command)
            assert "No message is free here." in said, command
            assert "free" not in said.replace("No message is free here.", "").replace("a free one is not", "")


async def test_where_nothing_is_given_to_new_players_the_welcome_says_so(sqlite_url: str) -> None:
    async with scene(sqlite_url, welcome_grant_credits=0) as here:
        said = await here.ask(here.ben, "/start")
        assert "You begin without credits; /daily gives you some." in said
        assert "are yours" not in said


async def test_who_can_not_pay_is_not_asked_to(sqlite_url: str) -> None:
    async with scene(sqlite_url, welcome_grant_credits=4, free_messages_per_day=0) as here:
        assert "costs 5 credits, and you have 4" in await here.ask(here.ben, "hello")
        assert not here.buttons(here.ben)


async def test_t31_the_daily_gift_is_told_in_the_topic_where_it_was_asked_for(sqlite_url: str) -> None:
    async with scene(sqlite_url, welcome_grant_credits=0) as here:
        await here.ask(here.ben, "/daily", thread=77)
        call = here.app.telegram.calls_of("sendMessage", ok=True)[-1]
        assert str(call.params["message_thread_id"]) == "77"


async def test_start_buttons_lead_from_screen_to_screen_in_one_message(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/start")
        count = len(here.app.texts(here.ben))
        assert "Your next paid message costs" in await here.press(here.ben, "🏷 Price")
        assert "You have 1,000 credits" in await here.press(here.ben, "💰 Balance")
        assert "Your credits" in await here.press(here.ben, "History")
        await here.ask(here.ben, "/help")
        assert "The price" in await here.press(here.ben, "How it works")
        assert "Everything else: /help all" in await here.press(here.ben, "‹ Back")
        assert "The pot:" in await here.press(here.ben, "🍲 Pot")
        assert "The pot:" in await here.press(here.ben, "🔄 Refresh")
        assert "How a draw works" in await here.press(here.ben, "How draws work")
        assert len(here.app.texts(here.ben)) == count + 1


async def test_price_counts_up_and_me_shows_it(sqlite_url: str) -> None:
    async with scene(sqlite_url, free_messages_per_day=0) as here:
        await pay(here, here.ben, "hello")
        price = await here.ask(here.ben, "/price")
        assert "costs 10 credits" in price
        assert "1 in 100" in price
        assert "free message" not in price
        me = await here.ask(here.ben, "/me")
        assert "995 credits (set aside: 0)" in me
        assert "1 today, 1 in all" in me
        assert "1 ticket in the running round; 0 wins in all" in me


class WaitingModel:
    """Answers as soon as it may."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()

    async def reply(self, question: Question) -> AsyncIterator[str]:
        await self.may_answer.wait()
        yield "Hello!"


async def test_the_balance_does_not_wait_behind_the_model_and_tells_what_is_held(sqlite_url: str) -> None:
    model = WaitingModel()
    async with scene(sqlite_url, free_messages_per_day=0, model=model) as here:
        await here.ask(here.ben, "hello")
        pressed = here.app.telegram.press(here.ben, here.ben.id, here.app.last_id(here.ben), "Pay 5 and send")
        assert await pressed is not None
        here.app.telegram.say(here.ben, here.ben.id, "/balance")
        shown = await here.app.telegram.wait_for_text(here.ben, "set aside")
        assert "5 credits of it are set aside" in shown["text"]
        model.may_answer.set()
        await here.app.settled()
        assert "You have 995 credits" in await here.ask(here.ben, "/balance")


async def test_daily_gives_once_to_a_player_with_little(sqlite_url: str) -> None:
    async with scene(sqlite_url, welcome_grant_credits=100) as here:
        said = await here.ask(here.ben, "/daily")
        assert "50 credits for you" in said
        assert "You have 150 now" in said
        assert "ready in 12 hours" in said
        assert "already had today's gift" in await here.ask(here.ben, "/daily")
        here.app.clock.move(timedelta(days=1))
        assert "60 credits for you. Days in a row: 2" in await here.ask(here.ben, "/daily")


async def test_limits_fall_at_once_and_rise_after_a_day(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        assert "dearer than 10 credits" in await here.ask(here.ben, "/limit 10")
        assert "In 1 day I'll ask only above 50" in await here.ask(here.ben, "/limit 50")
        assert "300 credits a day at most" in await here.ask(here.ben, "/limit day 300")
        assert "In 1 day your limit will be 400" in await here.ask(here.ben, "/limit day 400")
        shown = await here.ask(here.ben, "/limit")
        assert "dearer than 10 credits. ⏳ It rises to 50 in 1 day." in shown
        assert "300 credits a day at most; 0 so far today. ⏳ It rises to 400 in 1 day." in shown
        assert "In 1 day your daily limit is gone" in await here.ask(here.ben, "/limit day off")
        assert "⏳ It ends in 1 day." in await here.ask(here.ben, "/limit")
        here.app.clock.move(timedelta(days=1))
        shown = await here.ask(here.ben, "/limit")
        assert "dearer than 50 credits" in shown
        assert "You have set no limit for a day" in shown
        assert "no limit for a day" in await here.ask(here.ben, "/limit day off")
        assert "/limit day NUMBER" in await here.ask(here.ben, "/limit off")


async def test_history_turns_pages_and_filters_in_one_message(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ana, "/start")
        for amount in range(1, 20):
            await here.ask(here.ben, f"/grant {here.ana.id} {amount} reason {amount}")
        first = await here.ask(here.ana, "/history")
        count = len(here.app.texts(here.ana))
        assert "tienes 1.190" in first
        assert "Página 1 de 3" in first
        assert "+19" in first
        assert here.buttons(here.ana) == [
            "Anteriores ›",
            "· Todo ·",
            "Mensajes",
            "Premios",
            "Recibido",
            "Regalos",
            "Duelos",
        ]
        assert "Página 2 de 3" in await here.press(here.ana, "Anteriores ›")
        last = await here.press(here.ana, "Anteriores ›")
        assert "Página 3 de 3" in last
        assert "bienvenida" in last
        assert "Anteriores ›" not in here.buttons(here.ana)
        assert "Página 2 de 3" in await here.press(here.ana, "‹ Recientes")
        assert "no hay nada" in await here.press(here.ana, "Mensajes")
        assert "· Mensajes ·" in here.buttons(here.ana)
        assert "Página 1 de 3" in await here.press(here.ana, "Recibido")
        assert len(here.app.texts(here.ana)) == count


async def test_a_receipt_shows_its_ticket_and_only_to_its_player(sqlite_url: str) -> None:
    async with scene(sqlite_url, free_messages_per_day=0) as here:
        await here.ask(here.ana, "/start")
        await pay(here, here.ben, "hello")
        listed = await here.ask(here.ben, "/history")
        line = next(one for one in listed.splitlines() if "message" in one)
        number = line.split(" · ")[1]
        receipt = await here.ask(here.ben, f"/receipt {number}")
        assert f"Receipt {number}" in receipt
        for fact in (
            "Message: 5 credits",
            "you had 995 then",
            "Round 1 of the pot global, ticket 1",
            "1 in 200",
            "did not win",
        ):
            assert fact in receipt
        assert len(receipt.partition("Head: ")[2].splitlines()[0]) == 8
        assert "No tienes ningún recibo" in await here.ask(here.ana, f"/receipt {number}")


async def test_a_won_round_can_be_proved_with_what_the_bot_sends(sqlite_url: str) -> None:
    async with scene(sqlite_url, **ALWAYS_WINS) as here:
        await here.ask(here.ben, "/seed abc")
        await pay(here, here.ben, "hello")
        assert "Round 1" not in await here.ask(here.ben, "/fair")
        assert "round 1" in await here.ask(here.ben, "/pot")
        assert "The script that checks it" in await here.ask(here.ben, "/proof 1")
        proof = last_file(here, here.ben)
        assert verify_pot.verify(proof) is None
        assert json.loads(proof)["tickets"][0]["seed"] == "abc"
        await here.ask(here.ben, "/proof")
        assert here.buttons(here.ben) == ["Round 1"]
        await here.press(here.ben, "Round 1")
        assert last_file(here, here.ben) == proof
        assert "has no round 9" in await here.ask(here.ben, "/proof 9")
        assert "Round 2 is still running" in await here.ask(here.ben, "/proof 2")
        assert "isn't the number of a round" in await here.ask(here.ben, "/proof one")
        receipt = await here.ask(here.ben, "/history")
        assert "won the pot" in receipt


async def test_fair_sends_the_checking_script(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        said = await here.ask(here.ben, "/fair")
        commitment, anchor = [line for line in said.splitlines() if len(line) == ANCHOR_HEX]
        assert commitment == anchor  # of round 1
        await here.press(here.ben, "Get the checking script")
        assert last_file(here, here.ben) == SCRIPT


async def test_a_seed_is_set_shown_and_cleared(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        assert "Your seed is my_seed-1 now" in await here.ask(here.ben, "/seed my_seed-1")
        assert "Your seed is my_seed-1." in await here.ask(here.ben, "/seed")
        for bad in ("two words", "ñ", "x" * 33, "a;b"):
            assert "A seed is short" in await here.ask(here.ben, f"/seed {bad}")
        assert "Your seed is my_seed-1." in await here.ask(here.ben, "/seed")
        assert "cleared" in await here.ask(here.ben, "/seed off")
        assert "Your seed is" not in await here.ask(here.ben, "/seed")


async def test_the_language_changes_by_button_and_by_word(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/language")
        assert "te hablo en español" in await here.press(here.ben, "Español")
        assert "🏷 Precio" in here.buttons(here.ben)
        assert "Tienes 1.000 créditos" in await here.ask(here.ben, "/balance")
        assert "English it is" in await here.ask(here.ben, "/language EN")
        assert "Which language" in await here.ask(here.ben, "/language klingon")


async def test_a_gift_is_asked_about_and_goes_into_the_pot(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/contribute 100")
        assert "El bote: 0 créditos" in await here.ask(here.ana, "/pot")
        assert "100 credits went into the pot" in await here.press(here.ben, "Yes, do it")
        assert "El bote: 100 créditos" in await here.ask(here.ana, "/pot")
        assert "you have 900" in await here.ask(here.ben, "/contribute 901")


async def test_in_groups_private_matters_are_only_pointed_at(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        for command in ("/balance", "/history", "/me", "/receipt 1", "/limit 50", "/daily", "/seed abc"):
            assert "between you and me" in await here.ask(here.ben, command, here.group)
            button = here.app.telegram.from_bot(here.group)[-1].markup["inline_keyboard"][0][0]  # type: ignore[index]
            name = command.split()[0][1:]
            assert button["url"] == f"https://t.me/{here.app.telegram.bot.username}?start={name}"
            assert "1,000" not in here.app.last(here.group)
        assert "dearer than 25 credits" in await here.ask(here.ben, "/limit")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("balance", "You have"),
        ("history", "welcome"),
        ("me", "Paid messages"),
        ("limit", "Your limits"),
        ("receipt", "/receipt NUMBER"),
        ("seed", "/seed TEXT"),
    ],
)
async def test_the_link_from_a_group_shows_what_was_asked_for(sqlite_url: str, link: str, shown: str) -> None:
    async with scene(sqlite_url) as here:
        assert shown in await here.ask(here.ben, f"/start {link}")
        assert "Hi Ben" in await here.ask(here.ben, "/start something_else")


async def test_in_groups_public_screens_are_about_the_groups_pot(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        anchor = (await here.ask(here.ben, "/start", here.group)).splitlines()[-1]
        assert len(anchor) == ANCHOR_HEX
        assert anchor in await here.ask(here.ben, "/fair", here.group)
        assert anchor not in await here.ask(here.ben, "/fair")
        assert "Nothing else you write here" in await here.ask(here.ben, "/help", here.group)
        assert "💰 Balance" not in here.buttons(here.group)
        assert "Give 20 credits" in await here.ask(here.ben, "/contribute 20", here.group)
        assert "Ben gave 20 credits" in await here.press(here.ben, "Yes, do it", here.group)
        assert "The pot: 20 credits" in await here.ask(here.ben, "/pot", here.group)
        assert "The pot: 0 credits" in await here.ask(here.ben, "/pot")


async def test_without_pots_nothing_speaks_of_them(sqlite_url: str) -> None:
    async with scene(sqlite_url, pot_enabled=False) as here:
        for command in ("/start", "/help", "/help all", "/price", "/me", "/balance", "/history"):
            said = await here.ask(here.ben, command)
            assert not {"pot", "ticket", "draw"} & set(said.lower().replace(".", " ").split()), command
            assert "🍲 Pot" not in here.buttons(here.ben)
        assert "costs 3 credits" in await here.ask(here.ben, "/price")
        for command in ("/pot", "/contribute", "/contribute 5", "/fair", "/proof 1", "/seed abc"):
            assert "There are no pots here" in await here.ask(here.ben, command)
        assert "this group now has" not in await here.ask(here.ben, "/start", here.group)


async def test_t25_an_operator_grants_with_a_reason_that_is_told(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ana, "/start")
        done = await here.ask(here.ben, f"/grant {here.ana.id} 50 for <b>being</b> nice")
        assert "50 credits for Ana, who has 1,050 now" in done
        assert "El operador te dio 50 créditos: for <b>being</b> nice" in here.app.last(here.ana)
        listed = (await here.ask(here.ana, "/history")).splitlines()
        number = next(line for line in listed if "del operador" in line).split(" · ")[1]
        assert "Motivo: for <b>being</b> nice" in await here.ask(here.ana, f"/receipt {number}")
        assert "/grant PLAYER AMOUNT REASON" in await here.ask(here.ben, f"/grant {here.ana.id} 50")
        assert "no player with that ID" in await here.ask(here.ben, "/grant 123456 50 reason")


async def test_t25_for_all_others_and_in_groups_grant_does_not_exist(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        said = await here.ask(here.ana, f"/grant {here.ana.id} 50 please")
        assert said == Words("es")("error.unknown_command")
        assert await here.ask(here.ben, f"/grant {here.ana.id} 50 please", here.group) == ""
        assert "tienes 1.000" in (await here.ask(here.ana, "/history")).lower()


async def test_menus_are_registered_for_every_kind_of_chat(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.app.telegram.wait_for(
            lambda: here.app.telegram.calls_of("setMyShortDescription", ok=True)[1:]
        )
        commands = here.app.telegram.profile.commands
        assert ("all_private_chats", "es") in commands
        assert any(one["command"] == "grant" for one in commands[f"chat:{here.ben.id}", ""])


async def test_a_receipt_of_a_group_names_the_groups_pot(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await pay(here, here.ben, "/ask hello", here.group)
        listed = await here.ask(here.ben, "/history")
        number = next(line for line in listed.splitlines() if "message" in line).split(" · ")[1]
        receipt = await here.ask(here.ben, f"/receipt {number}")
        assert "of the pot g:" in receipt
        assert "Head:" in receipt
