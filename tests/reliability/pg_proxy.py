"""A proxy in front of Postgres that follows its wire protocol and cuts connections at chosen statements."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.reliability.pg_proxy_plans import Cut, Plan

SOCKET_NAME = ".s.PGSQL.5432"
FATE_QUERY = "INSERT INTO commit_mark"
_START_SECONDS = 10
_ENDS = (b"Q", b"S")
"""Simple query and sync: what the server answers with "ready for the next query"."""


class Broken(Exception):
    """The plan, or the other side, has ended the connection."""


class PostgresProxy:
    """Listens on a unix socket of its own and passes everything on to a server's; runs in a thread of its own."""

    def __init__(self, url: str, directory: Path, plan: Plan = lambda _: Cut.NO) -> None:
        self._server_path = str(Path(parse_qs(urlsplit(url).query)["host"][0]) / SOCKET_NAME)
        self._path = directory / SOCKET_NAME
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="pg-proxy", daemon=True)
        self._is_listening = threading.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wants_end: asyncio.Event
        self._was_asked: asyncio.Event
        self.plan = plan
        self.cuts: list[tuple[Cut, str]] = []
        self.url = urlsplit(url)._replace(query=urlencode({"host": str(directory)})).geturl()

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        assert self._is_listening.wait(_START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        """End all connections."""
        self._loop.call_soon_threadsafe(self._wants_end.set)
        self._thread.join(_START_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._listen())
        finally:
            self._loop.close()

    async def _listen(self) -> None:
        self._wants_end, self._was_asked = asyncio.Event(), asyncio.Event()
        server = await asyncio.start_unix_server(self._accept, str(self._path))
        self._is_listening.set()
        await self._wants_end.wait()
        server.close()
        await self._end_all()

    async def _end_all(self) -> None:
        """End all connections, and those that are just coming in."""
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for writer in self._writers:
                writer.transport.abort()
            self._writers.clear()
            await asyncio.sleep(0)  # what is aborted, or accepted, is told so by the loop's next turn

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back_reader, back_writer = await asyncio.open_unix_connection(self._server_path)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(self, reader, writer, back_reader, back_writer)
        with suppress(asyncio.CancelledError):
            await link.run()
        self._writers.discard(writer)

    def decide(self, statement: str) -> Cut:
        """Ask the plan and write down what it says."""
        cut = self.plan(statement)
        if cut is not Cut.NO:
            self.cuts.append((cut, statement))
        return cut

    def note_fate(self) -> None:
        """Let late statements go on: somebody was told that they are under way."""
        self._was_asked.set()

    async def fate_asked(self) -> None:
        """Wait until the server has answered the next question for a transaction's fate."""
        self._was_asked.clear()
        await self._was_asked.wait()


class _Link:
    """One client's connection and the one that carries it on."""

    def __init__(
        self,
        proxy: PostgresProxy,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back_reader: asyncio.StreamReader,
        back_writer: asyncio.StreamWriter,
    ) -> None:
        self._proxy = proxy
        self._reader = reader
        self._writer = writer
        self._back_reader = back_reader
        self._back_writer = back_writer
        self._is_mute = False
        self._asks_fate = False
        self._fate_names: set[bytes] = set()
        self._answered = asyncio.Event()

    async def run(self) -> None:
        """Carry messages both ways until one side has enough."""
        ways = [asyncio.create_task(self._forward()), asyncio.create_task(self._backward())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._writer.transport.abort()
            self._back_writer.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _forward(self) -> None:
        self._back_writer.write(await _startup(self._reader))
        while True:
            message = await _message(self._reader)
            statement = _statement(message)
            cut = self._proxy.decide(statement) if statement else Cut.NO
            if self._is_about_fate(message):
                self._proxy.note_fate()
            if cut is not Cut.NO:
                await self._cut(cut, message)
                raise Broken
            self._back_writer.write(message)
            await self._back_writer.drain()

    def _is_about_fate(self, message: bytes) -> bool:
        """Tell whether a message prepares, or uses, the question for a transaction's fate."""
        if message[:1] not in (b"P", b"B"):
            return False
        names = message[5:].split(b"\x00", 2)
        if message[:1] == b"P" and FATE_QUERY.encode() in names[1]:
            self._fate_names.add(names[0])
            return True
        return message[:1] == b"B" and names[1] in self._fate_names

    async def _cut(self, cut: Cut, message: bytes) -> None:
        if cut is Cut.BEFORE:
            return
        self._is_mute = True
        if cut is Cut.LATE:
            assert message[:1] == b"Q", "only a simple query is known whole when the client is gone"
            self._writer.transport.abort()
            await self._proxy.fate_asked()
        self._answered.clear()
        self._back_writer.write(message)
        while message[:1] not in _ENDS:  # a prepared statement is several messages
            message = await _message(self._reader)
            self._back_writer.write(message)
        await self._answered.wait()

    async def _backward(self) -> None:
        while True:
            message = await _message(self._back_reader)
            if not self._is_mute:
                self._writer.write(message)
                await self._writer.drain()
            if message[:1] == b"Z":  # ready for the next query: the last one is answered
                self._answered.set()


async def _startup(reader: asyncio.StreamReader) -> bytes:
    """Return the first message, which has no letter; on a unix socket nobody asks for encryption first."""
    length = await reader.readexactly(4)
    return length + await reader.readexactly(int.from_bytes(length) - 4)


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


def _statement(message: bytes) -> str:
    """Return the words of a simple query or of a statement that is prepared; nothing for other messages."""
    if message[:1] == b"Q":
        return message[5:-1].decode()
    if message[:1] == b"P":
        return message[5:].split(b"\x00")[1].decode()
    return ""
