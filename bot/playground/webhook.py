"""Delivers updates to the bot's webhook: in order per queue, queues side by side, retried until expired."""

import asyncio
import ipaddress
import json
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.playground.updates import Item, UpdateQueue

MAX_RETRY_AFTER_SECONDS = 3_600
Reply = Callable[[dict[str, Any]], Awaitable[Any]]
Sleep = Callable[[float], Awaitable[Any]]


def telegram_backoff(attempt: int) -> float:
    """Return the seconds before the next try: at once, then doubling up to a random minute or two."""
    if attempt <= 1:
        return 0.0
    return float(min(2 ** min(attempt - 2, 10), random.uniform(60, 120)))


def url_problem(url: str, *, any_http: bool) -> str | None:
    """Return why Telegram would refuse this address, None if it wouldn't; plain http only on loopback."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        return "bad webhook: invalid webhook URL specified"
    if parts.scheme == "http" and not any_http and not _loopback(parts.hostname):
        return "bad webhook: An HTTPS URL must be provided for webhook"
    return None


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(slots=True, kw_only=True)
class Webhook:
    """Where updates are pushed to, and the workers that push them."""

    updates: UpdateQueue
    reply: Reply
    transport: httpx.AsyncBaseTransport | None = None
    backoff: Callable[[int], float] = telegram_backoff
    sleep: Sleep = asyncio.sleep
    timeout_seconds: float = 60.0
    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error_at: int | None = None
    last_error: str = ""
    _queues: dict[str, deque[Item]] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(40))
    _client: httpx.AsyncClient | None = None

    def set(self, url: str, *, secret: str, max_connections: int) -> None:
        """Start to push to ``url``, beginning with what already waits."""
        self._stop_workers()
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self._slots = asyncio.Semaphore(max_connections)
        self.last_error_at, self.last_error = None, ""
        self.updates.on_item = self.offer
        for item in list(self.updates):
            self.offer(item)

    def remove(self) -> None:
        """Stop to push; what waits stays for the long poll."""
        self._stop_workers()
        self.url = self.secret = ""
        self.updates.on_item = None

    def offer(self, item: Item) -> None:
        """Queue an update and see that a worker serves its queue."""
        self._queues.setdefault(item.queue, deque()).append(item)
        if item.queue not in self._tasks:
            worker = asyncio.get_running_loop().create_task(self._serve(item.queue))
            self._tasks[item.queue] = worker

    async def aclose(self) -> None:
        """End the workers and the client."""
        tasks = list(self._tasks.values())
        self._stop_workers()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _stop_workers(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self._queues.clear()

    async def _serve(self, name: str) -> None:
        queue = self._queues[name]
        while queue:
            item = queue[0]
            if item.expires_at <= self.updates.now():
                self.updates.remove(item, how="time", outcome="expired")
                queue.popleft()
            elif (wait_seconds := await self._try(item)) is None:
                queue.popleft()
            else:
                await self.sleep(wait_seconds)
        self._queues.pop(name, None)
        self._tasks.pop(name, None)

    async def _try(self, item: Item) -> float | None:
        """Push once; return None if it was taken, else the seconds to wait."""
        item.attempts += 1
        async with self._slots:
            try:
                response = await self._post(item)
            except (httpx.HTTPError, OSError) as error:
                return self._failed(item, _reason(error), None)
        if response.is_success:
            self.updates.remove(item, how="webhook", outcome="acknowledged", detail=str(response.status_code))
            await self._answer(response)
            return None
        text = f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
        return self._failed(item, text, response.headers.get("Retry-After"))

    async def _post(self, item: Item) -> httpx.Response:
        if self._client is None:
            self._client = httpx.AsyncClient(transport=self.transport, timeout=self.timeout_seconds)
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.secret
        body = item.text.encode("utf-8", "surrogatepass")
        return await self._client.post(self.url, content=body, headers=headers)

    def _failed(self, item: Item, text: str, retry_after: str | None) -> float:
        self.last_error_at, self.last_error = int(self.updates.now()), text
        self.updates.note(item, how="webhook", outcome="failed", detail=text)
        if retry_after and retry_after.isdigit():
            return float(min(int(retry_after), MAX_RETRY_AFTER_SECONDS))
        return self.backoff(item.attempts)

    async def _answer(self, response: httpx.Response) -> None:
        """Run the method call that a bot may put into its answer."""
        if not response.headers.get("content-type", "").startswith("application/json"):
            return
        try:
            body = json.loads(response.content)
        except ValueError:
            return
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            await self.reply(body)

    def info(self) -> dict[str, Any]:
        """Return a ``WebhookInfo``."""
        view: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }
        if self.url:
            view["max_connections"] = self.max_connections
        if self.last_error_at is not None:
            view |= {"last_error_date": self.last_error_at, "last_error_message": self.last_error}
        if self.updates.allowed:
            view["allowed_updates"] = self.updates.allowed
        return view


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "Read timeout expired"
    if isinstance(error, httpx.ConnectError):
        return "Connection refused"
    return "Connection closed unexpectedly"
