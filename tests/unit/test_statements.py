"""Statements are built once and compiled once: each one must have a key in SQLAlchemy's cache."""

import importlib
import pkgutil

import pytest
from sqlalchemy.sql.cache_key import HasCacheKey

import db.queries
from db.queries import books, people

MODULES = [one.name for one in pkgutil.iter_modules(db.queries.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_statement_is_compiled_once(name: str) -> None:
    """Postgres' INSERT … ON CONFLICT has none of its own and would be compiled at every execution."""
    module = importlib.import_module(f"db.queries.{name}")
    statements = {
        key: one for key, one in vars(module).items() if key.isupper() and isinstance(one, HasCacheKey)
    }
    assert [key for key, one in statements.items() if one._generate_cache_key() is None] == []


def test_two_inserts_do_not_share_a_key() -> None:
    assert books.ADD_ENTRY._generate_cache_key() != people.ADD_PLAYER._generate_cache_key()
    assert books.ADD_ENTRY._generate_cache_key() == books.ADD_ENTRY._generate_cache_key()
