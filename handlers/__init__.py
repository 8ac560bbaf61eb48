"""Telegram topic by topic: update, use case, screen. Money, rules and SQL don't live here."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handlers.context import App


def register_all(application: "App") -> None:
    """Register all topics; commands come before the messages that are for the model."""
    from handlers import (
        alias,
        breaks,
        characters,
        chats,
        dashboard,
        deposit,
        edits,
        errors,
        export,
        fair,
        forget,
        gate,
        history,
        language,
        legal,
        membership,
        menus,
        mydata,
        new,
        operators,
        payments,
        pot,
        premium,
        presses,
        reset,
        retry,
        search,
        settings,
        start,
        stop,
        talk,
        top,
        usage,
        wallet,
    )

    for topic in (
        gate,
        start,
        wallet,
        history,
        new,
        chats,
        search,
        export,
        pot,
        dashboard,
        fair,
        language,
        characters,
        reset,
        settings,
        top,
        alias,
        breaks,
        usage,
        mydata,
        forget,
        legal,
        operators,
        deposit,
        premium,
        presses,
        stop,
        membership,
        payments,
        edits,
        retry,
        talk,
        menus,
        errors,
    ):
        topic.register(application)
