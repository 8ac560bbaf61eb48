"""The stage of the page's tests: a browser, the fake Telegram over HTTP, a small scripted bot, a supervisor."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright, expect

from bot.playground.models import Chat, User
from bot.playground.server import Playground
from bot.playground.telegram import Telegram

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = ViewportSize(width=1280, height=800)
PROOF = b'{"scheme":"pot/v1"}'
WELCOME_BUTTONS = [
    [{"text": "Pay", "callback_data": "pay"}, {"text": "Why?", "callback_data": "why"}],
    [{"text": "Never answered", "callback_data": "silence"}],
]
COMMANDS = [
    {"command": "start", "description": "Begin"},
    {"command": "pot", "description": "The pot and the prize"},
    {"command": "price", "description": "What the next message costs"},
]


class ScriptedBot:
    """A bot that knows a few words; its drafts grow when the test says so."""

    def __init__(self, address: str) -> None:
        self.client = httpx.AsyncClient(base_url=f"{address}/bot7000000001:invented/", timeout=60)
        self.grow = asyncio.Event()
        self.stopped = False

    async def call(self, method: str, **params: Any) -> Any:
        answer = (await self.client.post(method, json=params)).json()
        return answer.get("result")

    async def run(self) -> None:
        async with self.client, asyncio.TaskGroup() as tasks:
            await self.call("setMyCommands", commands=COMMANDS)
            offset = 0
            while not self.stopped:
                for update in await self.call("getUpdates", offset=offset, timeout=30) or []:
                    offset = update["update_id"] + 1
                    tasks.create_task(self.handle(update))

    async def handle(self, update: dict[str, Any]) -> None:
        if press := update.get("callback_query"):
            await self.pressed(press)
        elif message := update.get("message"):
            await self.heard(message["chat"], message.get("text", ""))

    async def pressed(self, press: dict[str, Any]) -> None:
        match press["data"]:
            case "pay":
                chat, number = press["message"]["chat"]["id"], press["message"]["message_id"]
                await self.call("editMessageText", chat_id=chat, message_id=number, text="Paid. Good luck!")
                await self.call("answerCallbackQuery", callback_query_id=press["id"], text="Paid 30 credits")
            case "why":
                await self.call(
                    "answerCallbackQuery", callback_query_id=press["id"], text="Because", show_alert=True
                )

    async def heard(self, chat: dict[str, Any], text: str) -> None:
        if text == "/start":
            markup = {"inline_keyboard": WELCOME_BUTTONS}
            await self.call("sendMessage", chat_id=chat["id"], text="Hello there", reply_markup=markup)
        elif text == "write":
            await self.write(chat["id"])
        elif text == "proof":
            files = {"document": ("proof.json", PROOF, "application/json")}
            await self.client.post("sendDocument", data={"chat_id": str(chat["id"])}, files=files)
        elif text == "rich":
            words = "<b>Bold</b> <code>x = 1</code> <tg-spoiler>hidden</tg-spoiler> &lt;i&gt;plain&lt;/i&gt;"
            await self.call("sendMessage", chat_id=chat["id"], text=words, parse_mode="HTML")
        elif chat["type"] == "private":
            await self.call("sendMessage", chat_id=chat["id"], text=f"echo: {text}")

    async def write(self, chat_id: int) -> None:
        text = "The pot holds 1,905 credits"
        for words in (2, 4):
            draft = " ".join(text.split()[:words])
            await self.call("sendMessageDraft", chat_id=chat_id, draft_id=7, text=draft)
            await self.grow.wait()
            self.grow.clear()
        await self.call("sendMessage", chat_id=chat_id, text=text)


@dataclass
class FakeSupervisor:
    """Notes what it is asked for."""

    running: bool = True
    asked: list[str] = field(default_factory=list)

    async def restart(self) -> None:
        self.asked.append("restart")

    async def kill(self) -> None:
        self.asked.append("kill")

    async def stop(self) -> None:
        self.asked.append("stop")
        self.running = False

    async def start(self) -> None:
        self.asked.append("start")
        self.running = True

    async def state(self) -> bool:
        return self.running


@dataclass
class Stage:
    """Everything of one test: the fake Telegram, its bot, its address, the cast."""

    telegram: Telegram
    supervisor: FakeSupervisor
    bot: ScriptedBot
    address: str
    ana: User
    ben: User
    group: Chat

    async def open(self, page: Page, user: User, chat: Chat | None = None) -> None:
        await page.goto(f"{self.address}/#{user.id}/{chat.id if chat else user.id}")
        await expect(page.get_by_test_id("chat-title")).to_be_visible()

    def greet(self) -> int:
        """Let Ana have talked already, so that no Start card is shown; return the message's id."""
        return int(self.telegram.say(self.ana, text="good morning")["message_id"])


def serve(app: Playground) -> tuple[uvicorn.Server, asyncio.Task[None], str]:
    """Serve on a free port; who comes before the server accepts, waits in the socket's queue."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    return server, task, f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run a browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def open_page(
    browser: Browser, viewport: ViewportSize = DESKTOP, *, expected: tuple[str, ...] = ()
) -> AsyncIterator[Page]:
    """Open a page; at the end its console must hold no errors but those that begin as expected."""
    context = await browser.new_context(viewport=viewport, reduced_motion="reduce")
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(_complaint_of(line)) if line.type == "error" else None)
    yield page
    await context.close()
    assert [one for one in complaints if not one.startswith(expected)] == []


def _complaint_of(line: ConsoleMessage) -> str:
    return f"{urlsplit(line.location['url']).path}: {line.text}"


async def say(page: Page, text: str) -> None:
    """Write into the open chat."""
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")
