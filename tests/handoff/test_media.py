"""Pictures and voice notes: acknowledged first, then fetched over real HTTP from a fake Twilio alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, text
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from handoff.app import create_app
from handoff.clock import FakeClock
from handoff.context import Context
from handoff.database import in_transaction
from handoff.errors import DeliveryError
from handoff.journeys import attaching, cards
from handoff.journeys.attaching import DIED_AFTER, TRY_AGAIN_AFTER, fetch_one
from handoff.journeys.patient import Incoming, receive
from handoff.media import MOST_BYTES
from handoff.models.attachment import Attachment, AttachmentAttempt
from handoff.models.case import Case
from handoff.senders import Fetched, MediaSource
from handoff.senders.console import ConsoleMedia
from handoff.senders.sms_media import TwilioMedia
from handoff.web import words
from handoff.worker import Worker
from tests.fixtures import eventually, settle
from tests.handoff.fake_twilio import ACCOUNT, TOKEN, FakeTwilio, fake_twilio
from tests.journeys.helpers import ALICE, only_case

PUBLIC = "https://bedside.example.org"
FOLDER = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media"
JPEG = b"\xff\xd8\xff\xe0" + bytes(120_000 - 4)
AMR = b"#!AMR\n" + bytes(3_000)
HTML = b"<html><script>alert(1)</script>"


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with fake_twilio() as made:
        yield made


@pytest.fixture
def clinic(context: Context, twilio: FakeTwilio) -> Iterator[Context]:
    """The clinic's service, whose Twilio is the fake one."""
    settings = context.settings.model_copy(
        update={
            "public_url": PUBLIC,
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
            "twilio_from": "+12025550100",
            "twilio_api_url": twilio.url,
        }
    )
    source = TwilioMedia(settings)
    yield replace(context, settings=settings, media=Careful(source))
    source.close()


class Careful:
    """Refuses to be asked inside a transaction."""

    def __init__(self, source: MediaSource) -> None:
        self._source = source

    def fetch(self, url: str, most: int) -> Fetched:
        assert not in_transaction(), "HTTP inside a transaction"
        return self._source.fetch(url, most)

    def address(self, message_id: str, place: int) -> str:
        assert not in_transaction(), "HTTP inside a transaction"
        return self._source.address(message_id, place)


def arrives(clinic: Context, *media: tuple[str, str], body: str = "") -> None:
    """Twilio's webhook brings a message with these (address, content type); it is judged."""
    fields = {"MessageSid": f"MM{uuid4().hex}", "From": ALICE, "Body": body, "NumMedia": str(len(media))}
    for place, (url, kind) in enumerate(media):
        fields |= {f"MediaUrl{place}": url, f"MediaContentType{place}": kind}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/channels/sms", fields)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    with TestClient(create_app(clinic)) as client:
        answer = client.post("/channels/sms", content=urlencode(fields), headers=headers)
    assert answer.status_code == 200
    settle(clinic)


def lies(twilio: FakeTwilio, content: bytes, kind: str = "image/jpeg", name: str = "ME1") -> str:
    """A file lies at Twilio; its address."""
    twilio.files[f"{FOLDER}/{name}"] = kind, content
    return f"{twilio.url}{FOLDER}/{name}"


def kept(context: Context) -> list[Attachment]:
    with context.database.reading() as session:
        return list(session.scalars(select(Attachment).order_by(Attachment.id)))


def content(context: Context) -> bytes | None:
    with context.database.reading() as session:
        return session.scalars(select(Attachment.content)).one()


def announced(context: Context) -> list[str]:
    """What the nurse reads under the messages."""
    with context.database.reading() as session:
        view = cards.case_view(session, context, session.scalars(select(Case)).one())
    return [words.attachment(one) for message in view["messages"] for one in message["attachments"]]


def attempts(context: Context) -> list[str | None]:
    with context.database.reading() as session:
        return list(session.scalars(select(AttachmentAttempt.result).order_by(AttachmentAttempt.id)))


# The way it goes


def test_a_picture_is_acknowledged_first_then_fetched_kept_and_announced(
    clinic: Context, twilio: FakeTwilio
) -> None:
    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    assert twilio.asked == [], "the webhook waits for nothing"
    assert announced(clinic) == ["Picture, being fetched."]
    assert only_case(clinic).acuity == "urgent"
    assert fetch_one(clinic)
    assert not fetch_one(clinic)
    assert content(clinic) == JPEG
    assert announced(clinic) == [
        "Picture (JPEG, 120 kB), stored. Showing it comes later. Ask the patient to describe it."
    ]
    assert twilio.asked == [(f"{FOLDER}/ME1", True)]
    assert attempts(clinic) == ["stored"]


def test_a_voice_note_and_a_picture_of_one_message_are_both_kept(clinic: Context, twilio: FakeTwilio) -> None:
    arrives(
        clinic,
        (lies(twilio, AMR, "audio/amr", "ME1"), "audio/amr"),
        (lies(twilio, JPEG, name="ME2"), "image/jpeg"),
        body="look and listen",
    )
    assert [fetch_one(clinic), fetch_one(clinic), fetch_one(clinic)] == [True, True, False]
    assert [(one.state, one.kind) for one in kept(clinic)] == [("stored", "AMR"), ("stored", "JPEG")]
    assert announced(clinic)[0].startswith("Voice note (AMR, 3 kB), stored.")


def test_address_type_and_content_are_encrypted(clinic: Context, twilio: FakeTwilio) -> None:
    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    fetch_one(clinic)
    with clinic.database.reading() as session:
        row = session.execute(text("SELECT url, said_type, content FROM attachment")).one()
    for sealed, plain in zip(row, (b"/Media/", b"image/jpeg", JPEG[:20]), strict=True):
        assert plain not in bytes(sealed)


def test_the_same_message_twice_is_fetched_once(clinic: Context, twilio: FakeTwilio) -> None:
    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    with clinic.database.reading() as session:
        origin = session.scalars(select(Attachment)).one().message.origin_id
    assert origin is not None
    media = ({"url": "x", "content_type": "image/jpeg"},)
    sid = origin.rsplit(":", 1)[-1]
    assert receive(clinic, Incoming("sms", sid, "", address=ALICE, media=media)).repeated
    assert len(kept(clinic)) == 1


def test_what_the_webhook_never_brought_is_looked_up_by_its_message(
    clinic: Context, twilio: FakeTwilio
) -> None:
    lies(twilio, JPEG, name="ME1")
    lies(twilio, AMR, "audio/amr", name="ME2")
    unknown = ({"url": "", "content_type": "unknown"},) * 2
    receive(clinic, Incoming("sms", "MM1", "", address=ALICE, media=unknown))
    settle(clinic)
    while fetch_one(clinic):
        pass
    assert [(one.state, one.kind) for one in kept(clinic)] == [("stored", "JPEG"), ("stored", "AMR")]


# What is not kept


@pytest.mark.parametrize(
    ("said", "content", "why"),
    [
        ("video/mp4", b"\0\0\0\x20ftypisom", "Video, not stored: this kind of file is not kept."),
        ("text/html", HTML, "File, not stored: this kind of file is not kept."),
        ("image/svg+xml", b"<svg/>", "Picture, not stored: this kind of file is not kept."),
        ("application/pdf", b"%PDF-1.7", "File, not stored: this kind of file is not kept."),
    ],
)
def test_other_kinds_are_not_even_fetched(
    clinic: Context, twilio: FakeTwilio, said: str, content: bytes, why: str
) -> None:
    arrives(clinic, (lies(twilio, content, said), said))
    assert fetch_one(clinic)
    assert twilio.asked == []
    assert announced(clinic) == [f"{why} Ask the patient to describe it."]


@pytest.mark.parametrize(
    ("said", "content"), [("image/jpeg", HTML), ("image/png", JPEG), ("audio/amr", JPEG)]
)
def test_what_is_not_what_it_says_it_is_is_not_kept(
    clinic: Context, twilio: FakeTwilio, said: str, content: bytes
) -> None:
    arrives(clinic, (lies(twilio, content, said), said))
    fetch_one(clinic)
    assert (kept(clinic)[0].state, kept(clinic)[0].kind) == ("refused", None)
    assert "it is not what it says it is" in announced(clinic)[0]
    with clinic.database.reading() as session:
        assert session.scalars(select(Attachment.content)).one() is None


def test_a_type_that_nobody_told_is_taken_from_the_answer(clinic: Context, twilio: FakeTwilio) -> None:
    arrives(clinic, (lies(twilio, HTML, "text/html"), ""), (lies(twilio, JPEG, name="ME2"), "unknown"))
    while fetch_one(clinic):
        pass
    assert [one.state for one in kept(clinic)] == ["refused", "stored"]


@pytest.mark.parametrize("how", ["told", "not told"])
def test_reading_stops_at_the_limit(clinic: Context, twilio: FakeTwilio, how: str) -> None:
    url = lies(twilio, JPEG if how == "not told" else JPEG[:4] + bytes(MOST_BYTES))
    twilio.drips |= {f"{FOLDER}/ME1"} if how == "not told" else set()
    arrives(clinic, (url, "image/jpeg"))
    fetch_one(clinic)
    assert announced(clinic) == [
        "Picture, not stored: it is larger than 5 MB. Ask the patient to describe it."
    ]


def test_a_file_of_just_the_limit_is_kept(clinic: Context, twilio: FakeTwilio) -> None:
    arrives(clinic, (lies(twilio, JPEG[:4] + bytes(MOST_BYTES - 4)), "image/jpeg"))
    fetch_one(clinic)
    assert kept(clinic)[0].size == MOST_BYTES


# From Twilio and from nobody else


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """A server that is not Twilio's, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("Authorization", ""))
            self.send_response(200)
            self.send_header("Content-Length", str(len(JPEG)))
            self.end_headers()
            self.wfile.write(JPEG)

        def log_message(self, *_: object) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("how", ["at once", "sent on by Twilio", "hidden behind a name"])
def test_nobody_else_is_ever_asked(
    clinic: Context, twilio: FakeTwilio, stranger: tuple[str, list[str]], how: str
) -> None:
    address, asked = stranger
    url = f"{address}/picture"
    if how == "sent on by Twilio":
        twilio.sent_on[f"{FOLDER}/ME1"] = url
        url = f"{twilio.url}{FOLDER}/ME1"
    elif how == "hidden behind a name":
        url = url.replace("http://", f"{twilio.url}@")
    arrives(clinic, (url, "image/jpeg"))
    fetch_one(clinic)
    assert asked == []
    assert kept(clinic)[0].state == "failed"
    assert not fetch_one(clinic), "it is not tried again"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/",
        "http://api.twilio.com/2010-04-01/x",
        "https://api.twilio.com:8443/x",
        "https://api.twilio.com.evil.example/x",
        "https://eviltwilio.com/x",
        "https://s3-external-1.amazonaws.com/media.twiliocdn.com/x",
        "https://api.twilio.com@127.0.0.1/x",
        "https://someone:secret@api.twilio.com/x",
        "file:///etc/passwd",
        "//api.twilio.com/x",
        "",
        "http://[",
    ],
)
def test_an_address_that_is_not_twilios_is_refused_for_good(clinic: Context, url: str) -> None:
    with pytest.raises(DeliveryError) as told:
        clinic.media.fetch(url, MOST_BYTES)
    assert told.value.permanent


@pytest.mark.parametrize(
    ("url", "with_password"),
    [("https://api.twilio.com/x", True), ("https://mms.twiliocdn.com/x", False)],
)
def test_the_password_goes_to_twilios_api_alone(clinic: Context, url: str, with_password: bool) -> None:
    source = TwilioMedia(clinic.settings)
    assert (source._password_for(httpx.URL(url)) is not None) is with_password
    source.close()


def test_where_twilio_sends_us_on_within_its_own_house_we_follow(clinic: Context, twilio: FakeTwilio) -> None:
    lies(twilio, JPEG, name="there")
    twilio.sent_on[f"{FOLDER}/ME1"] = f"{FOLDER}/there"
    arrives(clinic, (f"{twilio.url}{FOLDER}/ME1", "image/jpeg"))
    fetch_one(clinic)
    assert kept(clinic)[0].state == "stored"


def test_a_circle_of_addresses_ends(clinic: Context, twilio: FakeTwilio) -> None:
    twilio.sent_on[f"{FOLDER}/ME1"] = f"{FOLDER}/ME1"
    with pytest.raises(DeliveryError) as told:
        clinic.media.fetch(f"{twilio.url}{FOLDER}/ME1", MOST_BYTES)
    assert not told.value.permanent
    assert len(twilio.asked) == 4


# Failing and dying


def test_a_failure_that_may_pass_is_tried_again_and_each_try_is_on_record(
    clinic: Context, twilio: FakeTwilio, clock: FakeClock
) -> None:
    twilio.refuse += [(503, {}), (404, {})]
    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    for pause in TRY_AGAIN_AFTER[:2]:
        assert fetch_one(clinic)
        assert announced(clinic)[0].startswith(
            "Picture, being fetched again: the SMS provider does not give it"
        )
        assert not fetch_one(clinic)
        clock.step(timedelta(seconds=pause))
    assert fetch_one(clinic)
    assert attempts(clinic) == ["waiting", "waiting", "stored"]


def test_in_the_end_the_nurse_is_told_that_it_failed(
    clinic: Context, twilio: FakeTwilio, clock: FakeClock
) -> None:
    twilio.refuse += [(500, {})] * (len(TRY_AGAIN_AFTER) + 1)
    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    for pause in (*TRY_AGAIN_AFTER, 0):
        assert fetch_one(clinic)
        clock.step(timedelta(seconds=pause))
    assert kept(clinic)[0].state == "failed"
    clock.step(timedelta(days=1))
    assert not fetch_one(clinic)


@pytest.mark.parametrize("status", [401, 403, 410])
def test_a_refusal_is_told_at_once(clinic: Context, twilio: FakeTwilio, status: int) -> None:
    twilio.refuse.append((status, {}))
    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    fetch_one(clinic)
    assert f"not stored: the SMS provider does not give it (HTTP {status})." in announced(clinic)[0]


def test_twilio_out_of_reach_may_pass(context: Context) -> None:
    settings = context.settings.model_copy(update={"twilio_api_url": "http://127.0.0.1:1"})
    source = TwilioMedia(settings)
    with pytest.raises(DeliveryError) as told:
        source.fetch("http://127.0.0.1:1/x", MOST_BYTES)
    source.close()
    assert not told.value.permanent


def test_who_dies_while_fetching_leaves_it_to_the_next_and_comes_too_late_itself(
    clinic: Context, twilio: FakeTwilio, clock: FakeClock
) -> None:
    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    dead = attaching._claim(clinic)
    assert dead is not None
    assert not fetch_one(clinic)
    clock.step(DIED_AFTER)
    assert fetch_one(clinic)
    attaching._settle(clinic, dead, "failed", why="too late")
    assert kept(clinic)[0].state == "stored"


def test_of_two_workers_one_fetches_it(clinic: Context, twilio: FakeTwilio) -> None:
    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    now = clinic.clock.now()
    with clinic.transaction() as session:
        one = session.scalars(select(Attachment)).one()
        assert one.claim(session, now, now + DIED_AFTER)
        assert not one.claim(session, now, now + DIED_AFTER)


def test_something_that_breaks_is_tried_again_and_told(clinic: Context, twilio: FakeTwilio) -> None:
    class Broken(ConsoleMedia):
        def fetch(self, url: str, most: int) -> Fetched:
            raise RuntimeError("no words of a patient in here")

    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    fetch_one(replace(clinic, media=Broken()))
    assert announced(clinic) == ["Picture, being fetched again: it could not be fetched."]


# The whole


def test_the_worker_fetches_by_itself(clinic: Context, twilio: FakeTwilio) -> None:
    worker = Worker(clinic)
    arrives(clinic, (lies(twilio, JPEG), "image/jpeg"))
    worker.start()
    try:
        eventually(lambda: kept(clinic)[0].state == "stored", "the picture to be fetched")
    finally:
        worker.stop()


def test_the_console_twin_has_the_simulators_picture_and_nothing_else(context: Context) -> None:
    assert context.media.fetch("simulator:picture", MOST_BYTES).content_type == "image/png"
    with pytest.raises(DeliveryError) as told:
        context.media.fetch("https://api.twilio.com/x", MOST_BYTES)
    assert told.value.permanent


def test_nothing_is_fetched_where_nothing_came(clinic: Context) -> None:
    arrives(clinic, body="hello")
    assert not fetch_one(clinic)
    with clinic.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 0
