"""Conversations through Telegram: /new, /chats, /rename, /search and /export, in both languages."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.playground.models import User
from handlers.words import Words
from tests.scene import Scene, last_file, pay, scene
from tests.stand_ins import ScriptedModel, fine

EN, ES = Words("en"), Words("es")


@asynccontextmanager
async def talking(url: str, model: ScriptedModel | None = None) -> AsyncIterator[Scene]:
    """Run the bot where most messages are free; a model that always says the same answers."""
    settings = {"free_messages_per_day": 50, "messages_per_minute": 100}
    async with scene(url, model=model or fine(), **settings) as here:
        yield here


async def talk(here: Scene, user: User, *texts: str) -> None:
    """Say things, each conversation after a "---" a new one."""
    for text in texts:
        await here.ask(user, "/new" if text == "---" else text)


async def test_new_begins_another_conversation_and_says_so_in_one_line(database_url: str) -> None:
    model = fine()
    async with talking(database_url, model) as here:
        assert await here.ask(here.ben, "/new") == EN("new.fresh")
        await talk(here, here.ben, "one")
        assert await here.ask(here.ben, "/new") == EN("new.done")
        assert await here.ask(here.ben, "/new") == EN("new.fresh")
        await talk(here, here.ben, "two", "three")
        assert [[one.text for one in asked.history] for asked in model.questions] == [[], [], ["two"]]
        assert "\n" not in EN("new.done") + ES("new.done")


async def test_chats_lists_the_latest_first_and_leads_back_to_an_older_one(database_url: str) -> None:
    model = fine()
    async with talking(database_url, model) as here:
        assert await here.ask(here.ben, "/chats") == EN("chats.empty")
        await talk(here, here.ben, "apples <b>", "---", "pears", "more pears")
        here.app.clock.move(timedelta(hours=2))
        shown = await here.ask(here.ben, "/chats")
        assert shown.index("pears") < shown.index("apples <b>")
        assert "2 messages · 2 hours ago · goes on here" in shown
        assert here.buttons(here.ben) == ["1", "2"]
        opened = await here.press(here.ben, "2")
        assert "apples <b>" in opened
        assert "Me: fine" in opened
        assert "goes on here" not in opened
        assert "goes on here" in await here.press(here.ben, "✍️ Continue here")
        assert "✍️ Continue here" not in here.buttons(here.ben)
        await talk(here, here.ben, "and now?")
        assert [one.text for one in model.questions[-1].history] == ["apples <b>"]
        assert (await here.ask(here.ben, "/chats")).index("apples") < here.app.last(here.ben).index("pears")


async def test_the_list_turns_pages_and_is_told_in_spanish(sqlite_url: str) -> None:
    async with talking(sqlite_url) as here:
        await talk(here, here.ana, *(word for number in range(7) for word in (f"tema {number}", "---")))
        here.app.clock.move(timedelta(days=8))
        shown = await here.ask(here.ana, "/chats")
        assert ES.plain("chats.title") in shown
        assert "21 nov 2026" in shown
        assert "Página 1 de 2" in shown
        assert "tema 1" in await here.press(here.ana, ES.plain("button.next"))
        assert here.buttons(here.ana) == ["6", "7", ES.plain("button.prev")]
        assert "tema 6" in await here.press(here.ana, ES.plain("button.prev"))


async def test_a_conversation_is_renamed_where_it_goes_on_and_by_its_number(sqlite_url: str) -> None:
    async with talking(sqlite_url) as here:
        await talk(here, here.ben, "one", "---", "two")
        assert "Plans <i>" in await here.ask(here.ben, "/rename Plans <i>\u202e\n now")
        assert await here.ask(here.ben, "/rename \u200b") == EN("error.bad_title")
        assert await here.ask(here.ben, "/rename") == EN("rename.how").replace("<code>", "").replace(
            "</code>", ""
        )
        await here.ask(here.ben, "/chats")
        await here.press(here.ben, "2")
        how = await here.press(here.ben, "Rename")
        command = how.partition("/rename #")[2].partition(" ")[0]
        long = "👩‍👩‍👧‍👦" * 70
        await here.ask(here.ben, f"/rename #{command} {long}")
        shown = await here.ask(here.ben, "/chats")
        assert "Plans <i> now" in shown
        assert 10 < shown.count("👩‍👩‍👧‍👦") < 60
        assert await here.ask(here.ben, "/rename #999 x") == EN("error.conversation_gone")


async def test_a_deleted_conversation_comes_back_by_its_button_once(sqlite_url: str) -> None:
    async with talking(sqlite_url) as here:
        await talk(here, here.ben, "one")
        await here.ask(here.ben, "/chats")
        await here.press(here.ben, "1")
        assert "10 minutes" in await here.press(here.ben, "🗑 Delete")
        deleted = here.app.last_id(here.ben)
        assert await here.ask(here.ben, "/chats") == EN("chats.empty")
        await here.app.press(here.ben, here.ben, deleted, "↩️ Undo")
        assert "one" in await here.ask(here.ben, "/chats")
        await here.press(here.ben, "1")
        await here.press(here.ben, "🗑 Delete")
        here.app.clock.move(timedelta(minutes=10))
        answer = await here.app.press(here.ben, here.ben, here.app.last_id(here.ben), "↩️ Undo")
        assert answer is not None
        assert answer["text"] == EN.plain("error.expired_button")


async def test_a_search_leads_to_the_conversation(database_url: str) -> None:
    async with talking(database_url, ScriptedModel(("A *fine* answer & more",))) as here:
        await talk(
            here, here.ben, "I like <b>Café</b> & cream", "---", *(f"tea {number}" for number in range(6))
        )
        shown = await here.ask(here.ben, "/search cafe")
        assert "I like <b>Café</b> & cream" in shown
        sent = here.app.telegram.calls_of("sendMessage", ok=True)[-1].params["text"]
        assert "I like &lt;b&gt;<b>Café</b>&lt;/b&gt; &amp; cream" in sent
        found = await here.press(here.ben, "1")
        assert "I like <b>Café</b> & cream" in found
        assert "A *fine* answer & more" in found
        opened = await here.press(here.ben, "💬 Open the conversation")
        assert "✍️ Continue here" in here.buttons(here.ben)
        assert "1 message" in opened


async def test_a_search_turns_pages_and_comes_back_from_what_it_found(sqlite_url: str) -> None:
    async with talking(sqlite_url) as here:
        await talk(here, here.ben, *(f"tea number {number}" for number in range(7)))
        shown = await here.ask(here.ben, "/search tea & number")
        assert "1. " in shown
        assert "tea number 1" in await here.press(here.ben, "Older ›")
        assert here.buttons(here.ben) == ["6", "7", "‹ Newer"]
        assert "tea number 0" in await here.press(here.ben, "7")
        assert "tea number 1" in await here.press(here.ben, "‹ Back")
        assert "tea number 6" in await here.press(here.ben, "‹ Newer")


async def test_t69_a_search_that_finds_nothing_or_is_none_says_so(sqlite_url: str) -> None:
    async with talking(sqlite_url) as here:
        await talk(here, here.ana, "hola")
        assert "No encontré nada" in await here.ask(here.ana, "/search '; DROP TABLE turn; --")
        assert "/search PALABRAS" in await here.ask(here.ana, "/search")
        assert "/search PALABRAS" in await here.ask(here.ana, "/search \u200b")
        assert "100" in await here.ask(here.ana, "/search " + "x" * 200)
        assert "No encontré nada" in await here.ask(here.ana, "/search %")
        assert "hola" in await here.ask(here.ana, "/search HOLA")


async def test_an_export_comes_as_markdown_and_as_json(database_url: str) -> None:
    async with talking(database_url) as here:
        assert await here.ask(here.ben, "/export md") == EN("error.no_conversation")
        await talk(here, here.ben, "one\n# no title \x1b[31m", "---", "two")
        await pay(here, here.ben, "/play three")
        await here.ask(here.ben, "/export md")
        read = last_file(here, here.ben).decode()
        assert "> two" in read
        assert "> one" not in read
        assert "5 credits, receipt" in read
        await here.ask(here.ben, "/export MD all")
        assert "> one\n> # no title\n" in last_file(here, here.ben).decode()
        await here.ask(here.ben, "/export")
        assert here.buttons(here.ben) == [
            "This one: Markdown",
            "This one: JSON",
            "All: Markdown",
            "All: JSON",
        ]
        await here.press(here.ben, "All: JSON")
        found = json.loads(last_file(here, here.ben))
        assert [[turn["text"].split()[0] for turn in one["turns"]] for one in found["conversations"]] == [
            ["one"],
            ["two", "three"],
        ]
        assert [turn["price"] for turn in found["conversations"][1]["turns"]] == [0, 5]


async def test_one_conversation_is_exported_from_its_screen(sqlite_url: str) -> None:
    async with talking(sqlite_url) as here:
        await talk(here, here.ana, "uno", "---", "dos")
        await here.ask(here.ana, "/chats")
        await here.press(here.ana, "2")
        await here.press(here.ana, ES.plain("button.export"))
        await here.press(here.ana, "Esta: Markdown")
        read = last_file(here, here.ana).decode()
        assert "## uno" in read
        assert "dos" not in read


async def test_groups_are_pointed_to_the_private_chat_and_admins_begin_anew(sqlite_url: str) -> None:
    async with talking(sqlite_url) as here:
        here.app.telegram.set_member(here.group, here.ben, "administrator")
        for command in ("/chats", "/search x", "/export md", "/rename x"):
            assert await here.ask(here.ana, command, here.group) == ES("private.pointer")
        assert await here.ask(here.ana, "/new", here.group) == ES("error.not_admin")
        assert await here.ask(here.ben, "/new", here.group) == EN("new.fresh.group")
        await pay(here, here.ana, "/ask something", here.group)
        assert await here.ask(here.ben, "/new", here.group) == EN("new.done.group")
        asked = await here.ask(here.ben, "/new", here.group, sender_chat="anonymous")
        assert asked == EN("anonymous.new")
        assert await here.press(here.ben, "It is me", here.group) == EN("new.fresh.group")


async def test_links_of_groups_lead_to_the_screens(sqlite_url: str) -> None:
    async with talking(sqlite_url) as here:
        assert await here.ask(here.ben, "/start chats") == EN("chats.empty")
        assert "/search WORDS" in await here.ask(here.ben, "/start search")
        assert EN("export.how") == await here.ask(here.ben, "/start export")
        assert "/rename NEW TITLE" in await here.ask(here.ben, "/start rename")


async def test_t18_t19_forged_buttons_lead_nowhere(sqlite_url: str) -> None:
    async with talking(sqlite_url) as here:
        await talk(here, here.ana, "mine")
        await talk(here, here.ben, "his")
        ben, ana = await here.player_key(here.ben.id), await here.player_key(here.ana.id)
        await here.ask(here.ben, "/chats")
        message = here.app.last_id(here.ben)
        forged = {
            f"n:chat:1:{ana}": "not_yours",
            f"n:chat:1:{ben}": "conversation_gone",
            f"n:chat_continue:1:{ben}": "conversation_gone",
            f"n:chat_delete:1:{ben}": "conversation_gone",
            f"n:export_as:md:1:{ben}": "no_conversation",
            f"n:chat:x:{ben}": "expired_button",
            f"n:chat::{ben}": "expired_button",
            f"n:chats:{'9' * 30}:{ben}": "expired_button",
            f"n:search:1:{ben}": "expired_button",
            f"n:found:1:1:{ben}": "expired_button",
            f"n:export_as:exe:all:{ben}": "expired_button",
            f"n:export:{ben}": "expired_button",
        }
        for data, code in forged.items():
            answer = await here.app.telegram.press(here.ben, here.ben.id, message, data, forged=True)
            await here.app.settled()
            assert answer is not None, data
            assert answer.get("text") == EN.plain(f"error.{code}"), data
