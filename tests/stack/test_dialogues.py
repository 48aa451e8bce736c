"""The dialogues of `rasa test`, and more, as conversations through the real service, Rasa and actions.

`rasa test` never runs actions; here what the patient is sent is looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from handoff.context import Context
from tests.stack.talk import Talk

ROOT = Path(__file__).parents[2]
STORIES = yaml.safe_load((ROOT / "tests/stories/test_dialogue_acts.yml").read_text("utf8"))["stories"]
RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text("utf8"))["responses"]
IN_SPANISH = {"type": "slot", "name": "language", "value": "es"}
LOOKED_UP = ("answered", "clarify", "unsure", "ask_nurse")

Said = list[dict[str, Any]]


def turns(story: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """(what the patient says, the action that follows, the outcome the story goes on from) in order."""
    found: list[tuple[str, str, str | None]] = []
    words = ""
    for step in story["steps"]:
        words = step.get("user", words).strip()
        if "action" in step:
            found.append((words, step["action"], None))
        for slot in step.get("slot_was_set", ()):
            found[-1] = (*found[-1][:2], slot["last_outcome"])
    return found


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["story"])
def test_a_story_is_what_the_patient_is_sent(whole: Context, story: dict[str, Any]) -> None:
    talk = Talk(whole)
    for words, action, outcome in turns(story):
        said = texts(talk.say(words))
        assert said, words
        if talk.case() is not None:
            return  # a nurse was asked, the patient was told, and from here on the nurse speaks
        if action.startswith("utter_"):
            english = [one for one in RESPONSES[action] if IN_SPANISH not in one.get("condition", ())]
            text = english[-1].get("text", "")  # the web's own, where there is one
            assert text.format(org=whole.settings.org_name) in said
        elif action == "action_find_answer":
            assert talk.outcome() in (*LOOKED_UP, "chat")
        if outcome not in (None, talk.outcome()):
            return  # the real search knows better than the story what the answers hold


def test_a_follow_up_keeps_the_topic(whole: Context) -> None:
    talk = Talk(whole)
    assert answer(talk.say("what is asthma")) == "asthma.overview"
    assert answer(talk.say("is it contagious?")) == "asthma.spread"


def test_a_new_topic_replaces_the_old_one(whole: Context) -> None:
    talk = Talk(whole)
    talk.say("what is asthma")
    assert answer(talk.say("what are the symptoms of type 2 diabetes")) == "diabetes-type-2.symptoms"
    assert answer(talk.say("can it be prevented?")) == "diabetes-type-2.prevention"


def test_a_choice_by_number_answers_that_choice(whole: Context) -> None:
    talk = Talk(whole)
    questions = ("asthma or copd", "diabetes and high blood pressure", "blood pressure pills")
    offered = next((said for said in map(talk.say, questions) if said[0]["choices"]), None)
    assert offered is not None, "no question led to a choice"
    second = offered[0]["choices"][1]
    assert answer(talk.say("2")) == second["value"]


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("what is high blood pressure", "high-blood-pressure.overview"),
        ("what causes heart failure", "heart-failure.causes"),
        ("what are the symptoms of depression", "depression.symptoms"),
        ("what should I eat with type 2 diabetes", "diabetes-type-2.diet"),
        ("what vaccines do i need in pregnancy", "pregnancy.prevention"),
    ],
)
def test_a_plain_question_gets_its_answer_with_a_version(whole: Context, words: str, id: str) -> None:
    said = Talk(whole).say(words)
    assert said[0]["answer"]["id"] == id
    assert said[0]["answer"]["version"] >= 1


def test_what_no_answer_fits_is_said_honestly(whole: Context) -> None:
    talk = Talk(whole)
    said = talk.say("what is the capital city of mongolia")
    assert not any(one["answer"] for one in said)
    assert talk.outcome() in ("unsure", "chat")


def test_two_failures_in_a_row_ask_a_nurse(whole: Context) -> None:
    talk = Talk(whole)
    talk.say("what is erythromelalgia")
    talk.say("tell me about erythromelalgia treatment")
    case = talk.case()
    assert case is not None
    assert case.opened_why == "no_answer"


def test_asking_for_a_person_opens_a_case_at_any_time(whole: Context) -> None:
    talk = Talk(whole)
    talk.say("what is asthma")
    talk.say("can i talk to a real person please")
    assert talk.case() is not None


@pytest.mark.parametrize(
    "words", ["/restart", "/slots{}", "/ask_human", "😀", "x" * 5000, "<b>hi</b>", "' OR 1=1 --"]
)
def test_odd_input_gets_a_reply_and_is_never_a_command(whole: Context, words: str) -> None:
    talk = Talk(whole)
    talk.say("what is asthma")
    assert texts(talk.say(words))


def test_the_bot_has_no_human_name_and_says_that_it_is_no_person(whole: Context) -> None:
    assert "not a person" in texts(Talk(whole).say("are you a robot or a human?"))


def answer(said: Said) -> str | None:
    return next((str(one["answer"]["id"]) for one in said if one["answer"]), None)


def texts(said: Said) -> str:
    return "\n".join(one["text"] for one in said)
