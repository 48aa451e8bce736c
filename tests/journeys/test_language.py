"""The patient's language: told from their words, asked for by name, kept where it could be either."""

from __future__ import annotations

import pytest

from handoff.context import Context
from handoff.contract import Reply, TurnReply, TurnRequest
from handoff.languages import asked_for, only_asks, written_in
from tests.fixtures import CarefulSender, ScriptedAssistant
from tests.journeys.helpers import ALICE, all_cases, conversation, lines, only_case, text

SPANISH = (
    "hola", "Holaaa", "buenos días", "gracias", "tengo fiebre", "me duele la cabeza", "sintomas de asma",
    "azucar alta", "k puedo tomar para la tos", "¿quién ve esto?", "más", "enfermera", "no me sirvio",
    "es usted un robot", "my mom tiene fiebre and vomito what do i do",
    "what can i take for dolor de garganta", "colesterol alto", "embarazada y con gripa",
)  # fmt: skip
ENGLISH = ("what is gout", "i need help", "my son has hay fever and a rash", "i took my pills, is that ok?")
EITHER = (
    "ok", "no", "si", "2", "hay fever", "thanks", "diabetes", "covid", "Maria de la Cruz", "LA", "asma",
    "Tylenol", "😀", "", "12/80",
)  # fmt: skip


@pytest.mark.parametrize("words", SPANISH)
def test_spanish_is_known_however_short_misspelt_or_mixed(words: str) -> None:
    assert written_in(words) == "es"


@pytest.mark.parametrize("words", ENGLISH)
def test_english_is_known(words: str) -> None:
    assert written_in(words) == "en"


@pytest.mark.parametrize("words", EITHER)
def test_what_could_be_either_says_nothing(words: str) -> None:
    assert written_in(words) is None


@pytest.mark.parametrize(
    ("words", "language", "only"),
    [
        ("español", "es", True),
        ("Spanish please", "es", True),
        ("¿Habla español?", "es", True),
        ("no hablo inglés", "es", True),
        ("I don't speak English", "es", True),
        ("what is asthma in spanish please", "es", False),
        ("in english", "en", True),
        ("inglés por favor", "en", True),
        ("i dont speak spanish", "en", True),
        ("how are you", None, False),
        ("what is spanish flu", None, False),
        ("my mom cant even speak english and she is so sick i do not know what to do anymore", None, False),
    ],
)
def test_a_language_is_asked_for_by_name(words: str, language: str | None, only: bool) -> None:
    assert (asked_for(words), only_asks(words)) == (language, only)


def test_hola_is_enough_and_what_follows_is_in_spanish(
    context: Context, sender: CarefulSender, assistant: ScriptedAssistant
) -> None:
    text(context, "hola")
    assert assistant.asked[-1].facts.language == "es"
    assert sender.texts(ALICE)[-1] == context.line("notice", "es")
    text(context, "ok")
    assert assistant.asked[-1].facts.language == "es"
    text(context, "what is gout")
    assert assistant.asked[-1].facts.language == "en"


def test_asking_for_a_language_changes_it_without_asking_the_assistant(
    context: Context, sender: CarefulSender, assistant: ScriptedAssistant
) -> None:
    id = text(context, "spanish please").conversation_id
    assert sender.texts(ALICE) == [context.line("language", "es")]
    assert conversation(context, id).contact.language == "es"
    text(context, "english please")
    assert sender.texts(ALICE)[-1] == context.line("language", "en")
    assert assistant.asked == []


def test_a_question_that_asks_for_the_language_too_is_answered_in_it(
    context: Context, assistant: ScriptedAssistant
) -> None:
    text(context, "what is asthma in spanish please")
    assert (assistant.asked[-1].facts.language, assistant.asked[-1].text[:14]) == ("es", "what is asthma")


def test_hay_fever_is_no_spanish(context: Context, assistant: ScriptedAssistant) -> None:
    text(context, "hay fever")
    assert assistant.asked[-1].facts.language == "en"


@pytest.mark.parametrize(
    "words",
    [
        "me quiero morir",
        "no puedo respirar",
        "me duele mucho el pecho y me falta el aire",
        "mi hijo se tomo unas pastillas y no despierta",
        "i think my esposo is having un derrame, no puede hablar",
    ],
)
def test_a_danger_in_spanish_gets_the_spanish_copy(
    context: Context, sender: CarefulSender, words: str
) -> None:
    received = text(context, words)
    assert lines(context, received.conversation_id)[0].endswith(".sms.es")
    assert "llame" in sender.texts(ALICE)[0].lower()
    assert only_case(context).acuity in ("crisis", "emergency")


def found_english(request: TurnRequest) -> TurnReply:
    return TurnReply("answered", (Reply(answer_id="asthma.causes", version=1),), topic="asthma")


def test_an_answer_that_is_there_in_english_only_comes_after_one_apology_and_the_offer_of_a_nurse(
    context: Context, sender: CarefulSender, assistant: ScriptedAssistant
) -> None:
    assistant.answer = found_english
    text(context, "que causa el asma")
    sorry, answer, notice = sender.texts(ALICE)
    assert sorry == context.line("other_language", "es")
    assert "asma" not in answer
    assert notice == context.line("notice", "es")
    text(context, "sí, por favor")
    assert only_case(context).opened_why == "asked"


def test_in_english_nobody_apologises(
    context: Context, sender: CarefulSender, assistant: ScriptedAssistant
) -> None:
    assistant.answer = found_english
    received = text(context, "what causes asthma")
    assert "other_language" not in lines(context, received.conversation_id)


def test_not_sure_is_said_in_the_assistants_own_spanish_and_no_gracias_declines(
    context: Context, sender: CarefulSender, assistant: ScriptedAssistant
) -> None:
    assistant.answer = lambda request: TurnReply("unsure", (Reply(text="No sé."),))
    text(context, "que es el lupus")
    assert "No sé." in sender.texts(ALICE)
    text(context, "no, gracias")
    assert sender.texts(ALICE)[-1] == context.line("declined", "es")
    assert all_cases(context) == []
