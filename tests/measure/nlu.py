"""`make nlu-report`: five-fold cross-validation of the intents, written to docs/nlu-cross-validation.md."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "nlu-cross-validation.md"
FOLDS = 5
SUMS = ("accuracy", "macro avg", "weighted avg", "micro avg")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(ROOT / ".venv/bot/bin/python"), "-m", "bot.launch", "rasa", "test", "nlu",
            "--cross-validation", "--folds", str(FOLDS), "--nlu", "data/nlu", "--config", "config.yml",
            "--domain", "domain.yml", "--out", folder, "--no-plot",
        ]  # fmt: skip
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        report = json.loads((Path(folder) / "intent_report.json").read_text(encoding="utf8"))
    REPORT.write_text(_page(report), encoding="utf8")
    print(f"{REPORT.relative_to(ROOT)} is written.")


def _page(report: dict[str, Any]) -> str:
    intents = {name: row for name, row in report.items() if name not in SUMS}
    lines = [
        "# The intents, cross-validated",
        "",
        f"Written by `make nlu-report` (`rasa test nlu --cross-validation`, {FOLDS} folds) over `data/nlu`."
        " What the classifier is unsure of is looked up by the search, so a question taken for nothing"
        " in particular costs little; one taken for small talk would be lost.",
        "",
        "| intent | examples | precision | recall | F1 | most often taken for |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in sorted(intents.items()):
        confused = ", ".join(f"{other} ({times})" for other, times in row.get("confused_with", {}).items())
        lines.append(
            f"| {name} | {row['support']} | {row['precision']:.3f} | {row['recall']:.3f} "
            f"| {row['f1-score']:.3f} | {confused or 'nothing'} |"
        )
    mean = report["weighted avg"]
    lines.append(
        f"| **all, by examples** | {mean['support']} | {mean['precision']:.3f} | {mean['recall']:.3f} "
        f"| {mean['f1-score']:.3f} | |"
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
