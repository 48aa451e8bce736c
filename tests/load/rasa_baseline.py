"""Rasa's default pipeline with a ResponseSelector on the same answers: the baseline to beat.

It needs TensorFlow, which Bedside's own environments leave out on purpose (docs/decisions/0002), so it runs
in an environment of its own and is no part of `make test`:

    uv venv --python 3.10 /tmp/baseline
    uv pip install --python /tmp/baseline -r tests/load/rasa_baseline.txt
    /tmp/baseline/bin/python tests/load/rasa_baseline.py --in messages.jsonl --out predictions.jsonl

`--in` and `--out` are as for `bedside evaluate`, so the same scoring reads both. Training takes minutes to
hours, depending on the machine; `--epochs` shortens it. Not run yet: it was written where TensorFlow is not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
ASK = "answer"
"""The retrieval intent: every answer is one response of it."""
FOUND_ELSEWHERE = ("ask_question", "follow_up", "choose")
"""Intents of Bedside's own training data that ask for an answer; the answers' questions stand for them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--in", dest="input", type=Path, required=True)
    parser.add_argument("--out", dest="output", type=Path, required=True)
    parser.add_argument(
        "--epochs", type=int, default=100, help="Rasa's default is 300, its template says 100"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        write_project(project, given.epochs)
        predict(train(project), given.input, given.output)


def write_project(project: Path, epochs: int) -> None:
    """The three files that `rasa train nlu` reads."""
    examples, responses = {}, {}
    for path in sorted((ROOT / "data" / "answers").glob("*.yml")):
        topic = yaml.safe_load(path.read_text(encoding="utf-8"))
        for answer in topic["answers"]:
            name = f"{ASK}/{topic['topic']}__{answer['aspect']}"
            examples[name] = answer["questions"]
            responses[f"utter_{name}"] = [{"text": answer["title"]}]
    small_talk = _own_intents()
    rows = [{"intent": name, "examples": _lines(some)} for name, some in {**small_talk, **examples}.items()]
    domain = {"version": "3.1", "intents": [ASK, *small_talk], "responses": responses}
    _write(project / "nlu.yml", {"version": "3.1", "nlu": rows})
    _write(project / "domain.yml", domain)
    _write(project / "config.yml", {"recipe": "default.v1", "language": "en", "pipeline": _pipeline(epochs)})


def _own_intents() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in row and row["intent"] not in FOUND_ELSEWHERE:  # some intents stand in two files
                examples = [line.removeprefix("- ") for line in row["examples"].splitlines()]
                found.setdefault(row["intent"], []).extend(examples)
    return found


def _pipeline(epochs: int) -> list[dict[str, Any]]:
    """What `rasa init` of 3.6 writes as its default."""
    return [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True, "random_seed": 1},
        {"name": "EntitySynonymMapper"},
        {
            "name": "ResponseSelector",
            "epochs": epochs,
            "constrain_similarities": True,
            "retrieval_intent": ASK,
            "random_seed": 1,
        },
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]


def _lines(examples: list[str]) -> str:
    return "".join(f"- {' '.join(text.split())}\n" for text in examples)


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def train(project: Path) -> str:
    """The path of the trained model."""
    from rasa.model_training import train_nlu  # only the baseline's environment has it with TensorFlow

    model = train_nlu(
        config=str(project / "config.yml"),
        nlu_data=str(project / "nlu.yml"),
        output=str(project / "models"),
        domain=str(project / "domain.yml"),
    )
    if model is None:
        raise SystemExit("Rasa trained no model; see what it said above.")
    return str(model)


def predict(model: str, messages: Path, out: Path) -> None:
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    with out.open("w", encoding="utf-8") as lines:
        for row in map(json.loads, messages.open(encoding="utf-8")):
            found = asyncio.run(agent.parse_message(row["text"]))
            lines.write(json.dumps({"id": row["id"], **as_predicted(found)}) + "\n")


def as_predicted(found: dict[str, Any]) -> dict[str, Any]:
    """One parse of Rasa's as `bedside evaluate` would have written it; it knows no triage."""
    answer = None
    if found["intent"]["name"] == ASK:
        key = found["response_selector"][ASK]["response"]["intent_response_key"]
        topic, aspect = key.split("/", 1)[1].split("__")
        answer = {"topic": topic, "aspect": aspect, "id": f"{topic}.{aspect}", "version": 1}
    return {
        "disposition": "educate" if answer else "other",
        "distress": "none",
        "answer": answer,
        "clarify": False,
        "candidates": [],
        "reasons": [],
        "reply": "",
    }


if __name__ == "__main__":
    main()
