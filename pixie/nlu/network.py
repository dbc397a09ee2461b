"""The trained reading of a message: what it wants, and what its words are. `manage.py train_nlu` makes the artifact.

The six layers of MiniLM, tuned, give the intent of the message and, through a conditional random field over its tokens,
the labels of its words; a linear model of its phrases gives a second opinion on the intent. About 10 ms for a message.
See docs/adr/0016.
"""

import json
import logging
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from zipfile import BadZipFile

from pixie import minilm
from pixie.minilm import Encoder, WordPiece
from pixie.nlu.corpus import Span
from pixie.nlu.tokens import FEATURES, MAX_PIECES, Pieces, features, phrases, shape, tokenize

log = logging.getLogger(__name__)

ARTIFACT = Path(__file__).parent / "network.npz"
VERSION = 1  # of the artifact's format
_lock = Lock()  # the first use opens the network in one thread only


@dataclass(frozen=True, slots=True)
class Marks:
    """The network's reading of a text: the probability of each intent, the labelled words, and the probability that
    all labels are right."""

    intents: Mapping[str, float]
    spans: tuple[Span, ...] = ()
    certainty: float = 1.0


class Network:
    def __init__(self, artifact: Path, weights: Path) -> None:
        """Raises ValueError if the artifact is cut, altered or of another version."""
        import numpy as np

        meta, arrays = read_artifact(artifact)
        installed, _mapped = minilm.open_weights(weights)
        self.encoder = Encoder({**installed, **{name: arrays[name] for name in arrays if name in installed}})
        self.pieces = Pieces(WordPiece(weights / "vocab.txt"))
        self.intents, self.tags = meta["intents"], meta["tags"]
        self.temperature: float = meta["temperature"]
        self.feature_ids = {feature: number for number, feature in enumerate(meta["features"], 1)}
        self.words = frozenset(bytes(arrays["words"]).decode().split("\n"))
        self.arrays = arrays
        arrays["features.table"][0] = 0  # no feature
        self.moves = arrays["tags.moves"] + np.array(
            [[_forbid(before, after) for after in self.tags] for before in self.tags]
        )
        self.start = np.array([_forbid("O", tag) for tag in self.tags])

    def read(self, text: str, previous: str = "") -> Marks:
        """Return the reading of a text; what is longer than 128 pieces is not read. `previous` is the intent of the
        message before in the same talk."""
        import numpy as np

        tokens = tokenize(text, self.words)
        ids, owners, extra = [self.pieces.begin, self.pieces.previous(previous)], [-1, -1], [[0] * FEATURES] * 2
        for number, (token, names) in enumerate(zip(tokens, features(tokens), strict=True)):
            pieces = self.pieces.of_word(token.text)
            if len(ids) + len(pieces) >= MAX_PIECES:
                break
            numbers = [self.feature_ids.get(name, 0) for name in names]
            ids += pieces
            owners += [number] * len(pieces)
            extra += [numbers + [0] * (FEATURES - len(numbers))] * len(pieces)
        ids, owners, extra = [*ids, self.pieces.end], [*owners, -1], [*extra, [0] * FEATURES]
        table = self.arrays["features.table"]
        added = table[np.array(extra)].sum(1) @ self.arrays["features.projection"]
        x = self.encoder.run(self.encoder.embed(np.array([ids]), added), np.ones((1, len(ids)), np.float32))[0]
        sentence = np.concatenate([x.mean(0), x[0]])
        deep = _log_softmax(self._linear(sentence, "intent"))
        buckets = phrases(text, previous)
        wide = self.arrays["phrases.table"][buckets].sum(0) / math.sqrt(len(buckets)) + self.arrays["phrases.bias"]
        scores = (deep + _log_softmax(wide)) / 2 / self.temperature
        probabilities = np.exp(_log_softmax(scores))
        intents = dict(zip(self.intents, map(float, probabilities), strict=True))
        count = max(owners) + 1
        if not count:
            return Marks(intents)
        means = np.stack(
            [x[[index for index, owner in enumerate(owners) if owner == number]].mean(0) for number in range(count)]
        )
        shapes = np.array([shape(token, number) for number, token in enumerate(tokens[:count])], np.float32)
        tags, certainty = self._best_tags(self._linear(np.concatenate([means, shapes], 1), "tags"))
        return Marks(intents, tuple(_spans(text, tokens, [self.tags[tag] for tag in tags])), certainty)

    def _linear(self, x: Any, name: str) -> Any:
        return x @ self.arrays[f"{name}.weight"] + self.arrays[f"{name}.bias"]

    def _best_tags(self, scores: Any) -> tuple[list[int], float]:
        """Return the likeliest tags (Viterbi's algorithm) and their probability."""
        import numpy as np

        best = total = scores[0] + self.start
        origins = []
        for row in scores[1:]:
            reached = best[:, None] + self.moves
            origins.append(reached.argmax(0))
            best = reached.max(0) + row
            total = np.logaddexp.reduce(total[:, None] + self.moves, 0) + row
        path = [int(best.argmax())]
        for origin in reversed(origins):
            path.append(int(origin[path[-1]]))
        return path[::-1], float(np.exp(best.max() - np.logaddexp.reduce(total)))


def _forbid(before: str, after: str) -> float:
    """Return the score of a tag after another that keeps “inside x” behind “begin x” and “inside x”."""
    return -1e4 if after[0] == "I" and before[2:] != after[2:] else 0.0


def _log_softmax(scores: Any) -> Any:
    import numpy as np

    return scores - np.logaddexp.reduce(scores)


def _spans(text: str, tokens: list[Any], tags: list[str]) -> list[Span]:
    spans: list[Span] = []
    for token, tag in zip(tokens, tags, strict=False):
        if tag[0] == "B":
            spans.append(Span(tag[2:], token.start, token.end, token.text))
        elif tag[0] == "I":
            start = spans[-1].start
            spans[-1] = Span(tag[2:], start, token.end, text[start : token.end])
    return spans


def read_artifact(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the description and the arrays of an artifact. Matrices are stored as 8-bit integers with a scale for each
    column. Raises ValueError if it cannot be read."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            meta = json.loads(bytes(file["meta"]))
            if meta["version"] != VERSION:
                raise ValueError(f"version {meta['version']}, not {VERSION}")
            arrays = {
                name: file[name].astype(np.float32) * file[f"{name}:scale"] if f"{name}:scale" in file else file[name]
                for name in file.files
                if name != "meta" and not name.endswith(":scale")
            }
    except (OSError, EOFError, BadZipFile, zlib.error, KeyError, TypeError) as error:
        raise ValueError(repr(error)) from error
    return meta, arrays


@lru_cache(maxsize=1)
def _open() -> Network | None:
    weights = minilm.folder()
    try:
        if weights is None:
            raise ValueError("the weights of MiniLM are not installed")
        return Network(ARTIFACT, weights)
    except ValueError as error:
        log.warning("messages are understood by patterns alone: %s", error)
        return None


def network() -> Network | None:
    """Return the network, or None if its artifact is missing, cut or of another version."""
    with _lock:
        return _open()
