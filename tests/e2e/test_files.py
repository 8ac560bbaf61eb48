"""Pictures and text documents as questions: seen where the model can, else refused before anything is charged."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import bot.rules
import bot.wiring
from bot.playground.files import Upload
from bot.playground.models import User
from bot.playground.samples import NOTES
from bot.settings import Settings
from services.rules import GameRules, ModelRules
from tests.app import CountedEntropy
from tests.scene import Scene, pay, scene
from tests.stand_ins import EN, ES, PAID, ScriptedModel, balance_of, fine, message_update, turns_of

UNASKED: dict[str, Any] = {**PAID, "guard_limit_credits": 1_000, "entropy": CountedEntropy(seed=2)}
See = Callable[..., None]


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> See:
    """Let the model see pictures, and set what it is shown at most."""
    rules_of = bot.rules.rules_of

    def use(**more: Any) -> None:
        rules = ModelRules(is_there=True, sees_photos=True, **more)

        def with_sight(settings: Settings) -> GameRules:
            return replace(rules_of(settings), model=rules)

        monkeypatch.setattr(bot.wiring, "rules_of", with_sight)

    return use


async def send_document(
    here: Scene,
    user: User,
    content: bytes,
    name: str = "a.txt",
    kind: str = "text/plain",
    size_bytes: int = 0,
) -> None:
    """Send a document of one's own as a user, of which Telegram may call another size than it has."""
    stored = here.app.telegram.files.store(Upload(name, content, kind), "documents")
    size = {"file_size": size_bytes or len(content)}
    update = message_update(880_000_000, user, "", document=stored.document() | size)
    del update["message"]["text"]
    update["message"]["date"] = int(here.app.clock.now().timestamp())
    here.app.telegram.inject(update)
    await here.app.settled()


async def test_a_photo_with_and_without_words_is_looked_at_and_paid(see: See, database_url: str) -> None:
    see()
    model = fine()
    async with scene(database_url, model=model, **UNASKED) as here:
        await pay(here, here.ben, "hello")
        said = await here.ask(here.ben, "", kind="photo", caption="what is this?")
        assert said.startswith("fine\n\n10 credits · ticket 2")
        await here.ask(here.ben, "", kind="photo")
        await here.ask(here.ben, "and now")
        seen = [one.attachment for one in model.questions]
        assert [None if one is None else (one.name, one.mime_type) for one in seen] == [
            None,
            ("photo.jpg", "image/png"),
            ("photo.jpg", "image/png"),
            None,
        ]
        assert seen[1] is not None
        assert len(seen[1].content) > 500
        assert [one.text for one in model.questions] == ["hello", "what is this?", "", "and now"]
        assert [one.text for one in model.questions[-1].history] == ["hello", "what is this?", "photo.jpg"]
        assert await balance_of(here, here.ben) == "You have 950 credits"


async def test_the_best_size_below_the_limit_is_looked_at(see: See, sqlite_url: str) -> None:
    see(photo_bytes=600)
    model = fine()
    async with scene(sqlite_url, model=model) as here:
        sizes = sorted(len(one) for one in _photo_sizes(here))
        assert sizes[0] < 600 < sizes[1]
        await here.ask(here.ben, "", kind="photo", caption="look")
        shown = model.questions[0].attachment
        assert shown is not None
        assert len(shown.content) == sizes[0]


def _photo_sizes(here: Scene) -> list[bytes]:
    files = here.app.telegram.files.by_id.values()
    return [one.upload.content for one in files if one.kind == "photos"]


async def test_t35_an_album_is_charged_once_and_its_first_picture_is_looked_at(
    see: See, database_url: str
) -> None:
    see()
    model = fine()
    async with scene(database_url, model=model, **UNASKED) as here:
        await pay(here, here.ben, "first")
        for chat, caption in ((here.ben, "look"), (here.group, "@potluck_bot look")):
            for number in range(5):
                words = caption if chat is here.group or number == 0 else None
                here.app.telegram.say(
                    here.ben, chat, kind="photo", caption=words, media_group_id=f"album {chat.id}"
                )
            await here.app.settled()
        assert await turns_of(here.app) == ["settled"] * 3
        assert [question.text for question in model.questions] == ["first", "look", "look"]
        assert model.questions[-1].attachment is not None
        assert await balance_of(here, here.ben) == "You have 970 credits"


async def test_a_photo_that_no_model_sees_is_refused_and_not_charged(database_url: str) -> None:
    model = fine()
    async with scene(database_url, model=model, **UNASKED) as here:
        refused = EN("error.photo_unseen")
        assert await here.ask(here.ben, "", kind="photo", caption="what is this?") == refused
        asked = {"kind": "photo", "caption": "@potluck_bot what is this?"}
        assert await here.ask(here.ben, "", here.group, **asked) == refused
        assert await here.ask(here.ana, "", kind="photo", caption="¿qué es?") == ES("error.photo_unseen")
        assert await here.ask(here.ben, "", kind="photo") == EN("hint.kinds_documents")
        assert model.questions == []
        assert await turns_of(here.app) == []
        assert await balance_of(here, here.ben) == "You have 1,000 credits"


async def test_an_album_that_no_model_sees_is_refused_once(sqlite_url: str) -> None:
    async with scene(sqlite_url, **UNASKED) as here:
        for caption in ("look", None, None):
            here.app.telegram.say(here.ben, kind="photo", caption=caption, media_group_id="album")
        await here.app.settled()
        assert here.app.texts(here.ben) == [EN("error.photo_unseen")]


async def test_a_text_document_is_read_by_a_model_and_not_by_the_built_in_character(sqlite_url: str) -> None:
    model = fine()
    async with scene(sqlite_url, model=model) as here:
        await here.ask(here.ben, "", kind="document", caption="what shall I bring?")
        shown = model.questions[0].attachment
        assert shown is not None
        assert (shown.name, shown.mime_type, shown.content) == ("notes.txt", "text/plain", NOTES)
        assert model.questions[0].text == "what shall I bring?"
    async with scene(sqlite_url.replace("potluck", "other")) as here:
        assert await here.ask(here.ben, "", kind="document", caption="and you?") == EN("hint.kinds")


@pytest.mark.parametrize(
    ("content", "name", "kind", "said"),
    [
        (b"# Title", "a.md", "application/octet-stream", "fine"),
        (b"{}", "a.json", "application/json", "fine"),
        (b"\xff\xfe\x00", "a.txt", "text/plain", EN("released.file_unreadable")),
        (b"text with a \x00", "a.txt", "text/plain", EN("released.file_unreadable")),
        (b" \n", "a.txt", "text/plain", EN("released.file_unreadable")),
        (b"%PDF-1.7", "a.pdf", "application/pdf", EN("hint.kinds_documents")),
        (b"MZ", "a.exe", "application/octet-stream", EN("hint.kinds_documents")),
        (b"x" * 64_001, "a.txt", "text/plain", EN("error.file_too_big", most_kb=64)),
    ],
)
async def test_a_document_is_judged_by_its_kind_its_size_and_what_is_in_it(
    sqlite_url: str, content: bytes, name: str, kind: str, said: str
) -> None:
    async with scene(sqlite_url, model=fine(), **UNASKED) as here:
        await here.ask(here.ben, "/start")
        await send_document(here, here.ben, content, name, kind)
        if said == "fine":
            await here.press(here.ben, "Pay 5 and send")
            assert here.app.last(here.ben).startswith("fine\n\n5 credits")
            return
        if "Pay 5 and send" in here.buttons(here.ben):
            await here.press(here.ben, "Pay 5 and send")
        assert here.app.last(here.ben) == said
        assert await balance_of(here, here.ben) == "You have 1,000 credits"


async def test_a_file_that_is_bigger_than_telegram_said_is_not_looked_at(see: See, sqlite_url: str) -> None:
    see(document_bytes=20)
    model = fine()
    async with scene(sqlite_url, model=model) as here:
        await here.ask(here.ben, "/start")
        await send_document(here, here.ben, b"x" * 30, size_bytes=3)
        assert here.app.last(here.ben) == EN("released.file_too_big")
        assert here.buttons(here.ben) == []
        assert model.questions == []


async def test_a_file_that_cannot_be_had_costs_nothing_and_can_be_tried_again(
    see: See, database_url: str
) -> None:
    see()
    model = ScriptedModel(("fine",))
    async with scene(database_url, model=model, **UNASKED) as here:
        await pay(here, here.ben, "hello")
        here.app.telegram.faults.add("500", method="getFile", times=1)
        failed = await here.ask(here.ben, "", kind="photo", caption="what is this?")
        assert failed == EN("released.file_unavailable")
        assert await balance_of(here, here.ben) == "You have 995 credits"
        said = await here.ask(here.ben, "/retry")
        assert said.startswith("fine\n\n10 credits · ticket 2")
        assert model.questions[-1].attachment is not None
        assert await turns_of(here.app) == ["settled", "released", "settled"]


async def test_an_edited_caption_is_asked_again_about_the_same_picture(see: See, sqlite_url: str) -> None:
    see()
    model = fine()
    async with scene(sqlite_url, model=model) as here:
        message = await here.app.say(here.ben, here.ben, "", kind="photo", caption="what?")
        here.app.telegram.edit(here.ben, here.ben.id, message["message_id"], "what is that?")
        await here.app.settled()
        first, again = model.questions
        assert (first.attachment, again.text) == (again.attachment, "what is that?")
        assert here.app.texts(here.ben) == ["fine"]
