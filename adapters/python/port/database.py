"""Where a deployment keeps its data: the port's own adapters, with a delay where one is asked for."""

import asyncio
import json
import random
import secrets
from pathlib import Path

import aiosqlite  # noqa: F401  (SQLAlchemy would import it in every deployment anew)
from better_auth.adapters.memory import MemoryAdapter
from better_auth.adapters.sqlalchemy import SQLAlchemyAdapter
from sqlalchemy.ext.asyncio import create_async_engine

ACCESSES = ["create", "find_one", "find_many", "update", "update_many", "delete", "delete_many", "count"]
ACCESSES += ["consume_one", "increment_one", "transaction"]


def open_database(setup, data):
    if setup.sqlite:
        database = SQLAlchemyAdapter(create_async_engine(f"sqlite+aiosqlite:///{data.database}"))
    else:
        database = MemoryAdapter()
    return delayed(database) if setup.delay else database


def delayed(database):
    """The same adapter, each access a few milliseconds of real time later."""
    for name in ACCESSES:
        setattr(database, name, later(getattr(database, name)))
    return database


def later(access):
    async def access_later(*args, **kwargs):
        await asyncio.sleep(random.uniform(0.002, 0.005))
        return await access(*args, **kwargs)

    return access_later


class Data:
    """What outlives a deployment beside the database, in a folder of keyspec's. Without a folder, nothing does."""

    def __init__(self, folder):
        self._file = Path(folder) / "deployment.json" if folder else None
        self._kept = {"secret": secrets.token_hex(32), "now": 0, "origins": [], "count": 0}
        if self._file and self._file.exists():
            self._kept = json.loads(self._file.read_text())
        self._save()

    @property
    def database(self):
        return self._file.with_name("database.sqlite") if self._file else ":memory:"

    @property
    def secret(self):
        return self._kept["secret"]

    @property
    def now(self):
        """The time that the clock had come to. Milliseconds."""
        return self._kept["now"]

    def remember_now(self, now):
        self._kept["now"] = now
        self._save()

    def remember_origin(self, origin):
        """The addresses that there were before."""
        before = list(self._kept["origins"])
        self._kept["origins"].append(origin)
        self._save()
        return before

    def count(self):
        self._kept["count"] += 1
        self._save()
        return self._kept["count"]

    def _save(self):
        if self._file:
            self._file.write_text(json.dumps(self._kept))
