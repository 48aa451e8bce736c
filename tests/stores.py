"""Seeded databases, made fresh for each test without making each anew.

One engine serves all tests: SQLAlchemy keeps what it compiled with the engine, and compiling the same
statements again for every test was most of what the tests did.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text

from handoff.database import Database


class SqliteStore:
    """A seeded file; `fresh` puts a new copy of it in the place of the one that the last test used."""

    def __init__(self, seeded: Path, folder: Path) -> None:
        self._seeded, self._path = seeded, folder / "bedside.db"
        self._database = Database(f"sqlite:///{self._path}")
        event.listen(self._database.engine, "connect", _in_a_hurry)

    def fresh(self) -> Database:
        self._database.close()
        for left in self._path.parent.iterdir():
            left.unlink()
        shutil.copy(self._seeded, self._path)
        return self._database

    def close(self) -> None:
        self._database.close()


class PostgresStore:
    """A seeded database; `fresh` puts back what the last test changed in it.

    A copy of every table lies in the schema `seeded`. A table has changed when its rows are fewer or a newer
    transaction wrote one of them. Creating a database from a template took ten times as long, emptying all
    tables with TRUNCATE too. The user must be a superuser: foreign keys are not looked at meanwhile.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.engine.begin() as connection:
            found = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            self._tables = sorted(found.scalars())
            connection.execute(text("CREATE SCHEMA seeded"))
            for table in self._tables:
                connection.execute(text(f'CREATE TABLE seeded."{table}" AS TABLE public."{table}"'))
        with database.engine.begin() as connection:
            self._clean = self._marks(connection)
            self._sequences = connection.execute(
                text(
                    "SELECT quote_ident(sequencename), coalesce(last_value, start_value),"
                    " last_value IS NOT NULL FROM pg_sequences WHERE schemaname = 'public'"
                )
            ).all()

    def fresh(self) -> Database:
        if self._database.engine.pool.checkedout():  # type: ignore[attr-defined]
            self._database.close()
        with self._database.engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            marks = self._marks(connection)
            changed = [table for table in self._tables if marks[table] != self._clean[table]]
            for table in changed:
                connection.execute(text(f'DELETE FROM public."{table}"'))
                connection.execute(
                    text(f'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE TABLE seeded."{table}"')
                )
            for sequence in self._sequences:
                connection.execute(text("SELECT setval(:name, :value, :called)"), _named(sequence))
            if changed:
                self._clean = self._marks(connection)
        return self._database

    def close(self) -> None:
        self._database.close()

    def _marks(self, connection: Connection) -> dict[str, tuple[int, int]]:
        """By table: how many rows there are, and which transaction wrote the newest."""
        each = " UNION ALL ".join(
            f"SELECT '{table}', count(*), coalesce(max(xmin::text::bigint), 0) FROM public.\"{table}\""
            for table in self._tables
        )
        return {table: (many, newest) for table, many, newest in connection.execute(text(each))}


def _named(sequence: Any) -> dict[str, Any]:
    name, value, called = sequence
    return {"name": name, "value": value, "called": called}


def _in_a_hurry(connection: Any, _record: Any) -> None:
    """Nothing here must outlive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")
