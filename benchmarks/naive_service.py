"""What people write today: a paid message as a FastAPI route over an ORM. NAIVE_REPAIRED=1 locks what it changes.

Not a part of the game: it deducts, adds to a pot and draws, no more. Nothing of it survives a crash in between.
"""

import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi import FastAPI, HTTPException
from sqlalchemy import BigInteger, Connection, String, event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

T = TypeVar("T", bound="Base")
PRICE, WEALTH = 10, 10**12
IS_REPAIRED = os.environ.get("NAIVE_REPAIRED") == "1"


class Base(DeclarativeBase):
    """The tables of the service."""


class User(Base):
    """Somebody who writes."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    balance: Mapped[int] = mapped_column(BigInteger)
    messages: Mapped[int]


class Pot(Base):
    """What can be won."""

    __tablename__ = "pots"
    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    house: Mapped[int] = mapped_column(BigInteger)


class Said(Base):
    """A message and its answer."""

    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(String(4096))
    answer: Mapped[str] = mapped_column(String(4096))


engine = create_async_engine(os.environ["NAIVE_DATABASE"], pool_size=10, max_overflow=0, pool_timeout=60)
if IS_REPAIRED and engine.dialect.name == "sqlite":  # it has no locks of rows: whoever means to write says so

    @event.listens_for(engine.sync_engine, "connect")
    def _by_hand(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


new_session = async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with new_session() as session:
        session.add(Pot(id=1, amount=0, house=0))
        session.add_all(User(id=n, balance=WEALTH, messages=0) for n in range(1, 513))
        await session.commit()
    yield
    await engine.dispose()


app = FastAPI(lifespan=_lifespan)


@app.post("/message/{user_id}")
async def message(user_id: int) -> dict[str, int | str]:
    """Take a paid message."""
    async with new_session() as session:
        user = await _get(session, User, user_id)
        pot = await _get(session, Pot, 1)
        if user.balance < PRICE:
            raise HTTPException(402)
        user.balance -= PRICE
        user.messages += 1
        pot.amount += PRICE - PRICE // 10
        pot.house += PRICE // 10
        if random.random() < PRICE / 1000:
            prize = min(1_000, pot.amount * 9 // 10)
            pot.amount -= prize
            user.balance += prize
        session.add(Said(user_id=user_id, text="hello", answer="fine"))
        await session.commit()
        return {"answer": "fine", "balance": user.balance, "pot": pot.amount}


async def _get(session: AsyncSession, kind: type[T], key: int) -> T:
    found = await session.get(kind, key, with_for_update=IS_REPAIRED or None)
    if found is None:
        raise HTTPException(404)
    return found
