"""Keeps the Stars of the fake Telegram in a file, for books that outlive the playground's process."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.playground.bank import Bank, Charge, State, Subscription, Transaction


class Vault:
    """A file that holds what a bank knows, but for invoices that nobody has paid yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> Bank:
        """Return the bank of the file, or a new one; what changes in it is kept from now on.

        Raises:
            OSError: the file can't be read, or holds something else.
        """
        bank = self._read() if self._path.exists() else Bank()
        bank.keep = lambda: self._write(bank)
        return bank

    def _read(self) -> Bank:
        try:
            return _bank_of(json.loads(self._path.read_text()))
        except (ValueError, TypeError, KeyError) as error:
            raise OSError(f"{self._path} holds no Stars: {error}") from error

    def _write(self, bank: Bank) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        new.write_text(json.dumps(_view_of(bank)))
        new.replace(self._path)


def _view_of(bank: Bank) -> dict[str, Any]:
    return {
        "balance": bank.balance,
        "purses": {str(user_id): stars for user_id, stars in bank.purses.items()},
        "charges": [asdict(one) for one in bank.charges.values()],
        "subscriptions": [asdict(one) for one in bank.subscriptions.values()],
        "transactions": [asdict(one) for one in bank.transactions],
    }


def _bank_of(view: dict[str, Any]) -> Bank:
    charges = [Charge(**one) for one in view["charges"]]
    subscriptions = [Subscription(**{**one, "state": State(one["state"])}) for one in view["subscriptions"]]
    return Bank(
        balance=view["balance"],
        purses={int(user_id): stars for user_id, stars in view["purses"].items()},
        charges={one.id: one for one in charges},
        subscriptions={one.id: one for one in subscriptions},
        transactions=[Transaction(**one) for one in view["transactions"]],
    )
