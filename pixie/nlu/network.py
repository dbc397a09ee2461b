"""The trained reading of a message: what it wants, and what its words are. `manage.py train_nlu` makes the artifact.

Four of the six layers of MiniLM, tuned, give the intent of the message and, through a conditional random field over its tokens,
the labels of its words; a linear model of its phrases gives a second opinion on the intent. About 10 ms for a message.
See docs/adr/0016.
"""

import json
import logging
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from zipfile import BadZipFile, ZipFile

from pixie import minilm
from pixie.minilm import LAYERS, Encoder
from pixie.nlu.corpus import Span
from pixie.nlu.tokens import FEATURES, MAX_PIECES, Pieces, Token, features, phrases, shape, tokenize

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


@dataclass(frozen=True, slots=True)
class _Row:
    """A text as the network takes it: the pieces, the token that each belongs to (-1 for none), and its features."""

    tokens: list[Token]
    ids: list[int]
    owners: list[int]
    features: list[list[int]]


class Network:
    def __init__(self, artifact: Path, weights: Path) -> None:
        """Raises ValueError if the artifact is cut, altered or of another version."""
        import numpy as np

        meta, arrays = read_artifact(artifact)
        installed, _mapped = minilm.open_weights(weights)
        trained = {name: array for name, array in arrays.items() if name in installed}
        self.encoder = Encoder({**installed, **trained}, meta.get("layers", LAYERS))
        self.pieces = Pieces(minilm.tokenizer(weights))
        self.intents, self.tags = meta["intents"], meta["tags"]
        self.feature_ids = {feature: number for number, feature in enumerate(meta["features"], 1)}
        self.words = frozenset(bytes(arrays["words"]).decode().split("\n"))
        self.arrays = arrays
        arrays["features.table"][0] = 0  # no feature
        self.moves = arrays["tags.moves"] + np.array(
            [[_forbid(before, after) for after in self.tags] for before in self.tags]
        )
        self.start = np.array([_forbid("O", tag) for tag in self.tags])

    def read(self, texts: Sequence[str], previous: Sequence[str] = ("",)) -> list[Marks]:
        """Return the reading of each text after each of the `previous` messages, of which the intents are given: all
        texts after the first one, then after the second. What is longer than 128 pieces is not read.

        The texts stand side by side in one row, in which each sees only itself: up to 32 pieces cost as much as one.
        """
        import numpy as np

        pairs = [(text, before) for before in previous for text in texts]
        rows = [self._encode(text, before) for text, before in pairs]
        lengths = [len(row.ids) for row in rows]
        owners = np.repeat(np.arange(len(rows)), lengths)
        places = np.concatenate([np.arange(length) for length in lengths])
        sums = self.arrays["features.table"][np.concatenate([row.features for row in rows])].sum(1)
        added = (sums @ self.arrays["features.projection"]).astype(np.float32)
        x = self.encoder.embed(np.concatenate([row.ids for row in rows])[None], added[None], places)
        [x] = self.encoder.run(x, (owners[:, None] == owners)[None].astype(np.float32))
        vectors = np.split(x, np.cumsum(lengths)[:-1])
        return [self._decode(text, row, vector, before)
                for (text, before), row, vector in zip(pairs, rows, vectors, strict=True)]  # fmt: skip

    def _encode(self, text: str, previous: str) -> "_Row":
        tokens, nothing = tokenize(text, self.words), [0] * FEATURES
        row = _Row(tokens, [self.pieces.begin, self.pieces.previous(previous)], [-1, -1], [nothing] * 2)
        for number, (token, names) in enumerate(zip(tokens, features(tokens), strict=True)):
            pieces = self.pieces.of_word(token.text)
            if len(row.ids) + len(pieces) >= MAX_PIECES:
                break
            numbers = [self.feature_ids.get(name, 0) for name in names]
            row.ids.extend(pieces)
            row.owners.extend([number] * len(pieces))
            row.features.extend([numbers + [0] * (FEATURES - len(numbers))] * len(pieces))
        row.ids.append(self.pieces.end)
        row.owners.append(-1)
        row.features.append(nothing)
        return row

    def _decode(self, text: str, row: "_Row", x: Any, previous: str) -> Marks:
        """Return the marks from the vectors of a text's pieces."""
        import numpy as np

        deep = _log_softmax(self._linear(np.concatenate([x.mean(0), x[0]]), "intent"))
        buckets = phrases(text, previous)
        linear = self.arrays["phrases.table"][buckets].sum(0) / math.sqrt(len(buckets)) + self.arrays["phrases.bias"]
        probabilities = np.exp(_log_softmax((deep + _log_softmax(linear)) / 2))
        intents = dict(zip(self.intents, map(float, probabilities), strict=True))
        count = max(row.owners) + 1
        if not count:
            return Marks(intents)
        means = [
            x[[index for index, owner in enumerate(row.owners) if owner == token]].mean(0) for token in range(count)
        ]
        shapes = np.array([shape(token, number) for number, token in enumerate(row.tokens[:count])], np.float32)
        tags, certainty = self._best_tags(self._linear(np.concatenate([np.stack(means), shapes], 1), "tags"))
        return Marks(intents, tuple(_spans(text, row.tokens, [self.tags[tag] for tag in tags])), certainty)

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


def _spans(text: str, tokens: list[Token], tags: list[str]) -> list[Span]:
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
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            meta = json.loads(bytes(file["meta"]))
            if meta["version"] != VERSION:
                raise ValueError(f"version {meta['version']}, not {VERSION}")
            arrays = {
                name: np.asfortranarray(file[name].astype(np.float32) * file[f"{name}:scale"])
                if f"{name}:scale" in file
                else file[name]
                for name in file.files
                if name != "meta" and not name.endswith(":scale")
            }
    except (OSError, EOFError, BadZipFile, zlib.error, KeyError, TypeError) as error:
        raise ValueError(repr(error)) from error
    return meta, arrays


def is_intact() -> bool:
    """Return whether the artifact is there, whole and of this version, without loading it."""
    try:
        with ZipFile(ARTIFACT) as file:
            return file.testzip() is None and f'"version": {VERSION},'.encode() in file.read("meta.npy")
    except (OSError, EOFError, BadZipFile, KeyError, zlib.error):
        return False


@lru_cache(maxsize=1)
def _open() -> Network | None:
    weights = minilm.folder()
    try:
        if weights is None:
            raise ValueError("the weights of MiniLM are not installed")
        return Network(ARTIFACT, weights)
    except ValueError as error:
        log.warning("only exact commands are understood: %s", error)
        return None


def network() -> Network | None:
    """Return the network, or None if its artifact is missing, cut or of another version."""
    with _lock:
        return _open()
