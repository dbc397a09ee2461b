"""Training of the network from the marked messages in `data/`; `manage.py train_nlu` calls it. Needs the packages of the
group `train`: jax, optax and pythainlp, of which only the list of words is read.

The first four layers of MiniLM are tuned, on the messages and on changed copies of them: with other items and amounts, typos, other
capitals and without signs. The loss is the cross entropy of the intent, where accepted intents share three tenths, plus
the negative log likelihood of the tags under a linear-chain conditional random field (Lafferty et al., 2001).

The same messages and versions of the packages give the same bytes on one machine.
"""

import io
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from pixie import minilm
from pixie.minilm import HEADS, WIDTH
from pixie.nlu.corpus import INTENTS, LABELS, Example
from pixie.nlu.network import VERSION
from pixie.nlu.tokens import FEATURES, MAX_PIECES, PHRASES, SHAPES, Pieces, Token, features, phrases, shape, tokenize

INTENT_NAMES = sorted(INTENTS)
TAG_NAMES = ["O", *(f"{place}-{label}" for label in sorted(LABELS) for place in "BI")]
EPOCHS = 4
LAYERS = 4  # of MiniLM's six
BATCH = 32
LENGTHS = (12, 16, 20, 24, 28, 32, 40, 56, MAX_PIECES)  # that batches are padded to: a few, because each is compiled
FEATURE_WIDTH = 64
MIN_COUNTS = {"w": 3}  # messages that a feature has to be in; 2 for clusters
RATE, HEAD_RATE, PHRASE_RATE = 2e-4, 2e-3, 2e-2
SHARE_OF_ACCEPTED = 0.3
MAX_PHRASES = 300  # of a message of up to 56 pieces; four times as many of longer ones

Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A message as it is learned. `gaps` are the characters before each token."""

    tokens: tuple[str, ...]
    gaps: tuple[str, ...]
    tags: tuple[str, ...]
    intent: str
    accept: frozenset[str]
    previous: str
    language: str

    @property
    def text(self) -> str:
        return "".join(gap + token for gap, token in zip(self.gaps, self.tokens, strict=True))


def read_rows(examples: Sequence[Example], words: frozenset[str]) -> list[Row]:
    """Return the rows of the messages; a later one of a talk knows the intent of the one before."""
    rows, last = [], dict[tuple[str, str], str]()
    for example in examples:
        tokens = tokenize(example.text, words)
        tags = ["O"] * len(tokens)
        for span in example.spans:
            inside = [
                number for number, token in enumerate(tokens) if token.start < span.end and token.end > span.start
            ]
            for number in inside:
                tags[number] = f"{'B' if number == inside[0] else 'I'}-{span.label}"
        ends = [0, *(token.end for token in tokens)]
        talk = (example.writer, example.talk)
        rows.append(
            Row(
                tokens=tuple(token.text for token in tokens),
                gaps=tuple(example.text[end : token.start] for end, token in zip(ends, tokens, strict=False)),
                tags=tuple(tags),
                intent=example.intent,
                accept=example.accept,
                previous=last.get(talk, "") if example.talk else "",
                language=example.language,
            )
        )
        last[talk] = example.intent
    return [row for row in rows if row.tokens]


# Changed copies

_NEIGHBOURS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopasdfghjklpxcvbnmn", strict=True))
_QUANTITIES = (
    "2",
    "3",
    "4",
    "6",
    "two",
    "three",
    "a",
    "one",
    "500",
    "1.5",
    "x 2",
    "x 4",
    "2 x",
    "half a",
    "a couple of",
)
_UNITS = (
    "kg g l ml packs pack bottles bottle cans tins bag bags box boxes jar bunch tube rolls litres dozen packets loaf tub"
).split()
_SIGNS = frozenset(",.!?;:-–'\"")


class Changes:
    def __init__(self, examples: Sequence[Example], words: frozenset[str], seed: int) -> None:
        self.words = words
        self.random = random.Random(seed)  # noqa: S311 (the same copies each time)
        names: dict[str, set[str]] = defaultdict(set)
        for example in examples:
            names[example.language] |= {span.value for span in example.spans if span.label == "item" and span.value}
        self.names = {language: sorted(items) for language, items in names.items()}

    def copy(self, row: Row) -> Row:
        """Return a changed copy of the row."""
        words = [word for run in self._runs(row) for word in self._change(run, row.language)]
        drops, style, typos = self.random.random() < 0.3, self.random.random(), self.random.choice((0, 0, 0.03, 0.1))
        parts = [
            (self._letters(token, style, typos), gap, tag)
            for token, gap, tag in words
            if not (drops and tag == "O" and token in _SIGNS and self.random.random() < 0.8)
        ] or words
        tokens, gaps, tags = zip(*parts, strict=True)
        previous = "" if self.random.random() < 0.3 else row.previous
        return replace(row, tokens=tokens, gaps=gaps, tags=tags, previous=previous)

    def _runs(self, row: Row) -> list[list[tuple[str, str, str]]]:
        """Return the tokens in runs of one label each, with their gaps and tags."""
        runs: list[list[tuple[str, str, str]]] = []
        for word in zip(row.tokens, row.gaps, row.tags, strict=True):
            if word[2][0] == "I" and runs:
                runs[-1].append(word)
            else:
                runs.append([word])
        return runs

    def _change(self, run: list[tuple[str, str, str]], language: str) -> list[tuple[str, str, str]]:
        label, chance = run[0][2][2:], self.random.random()
        if label in ("item", "old") and chance < 0.3 and language in self.names:
            return self._replace(run, self.random.choice(self.names[language]))
        if language == "en" and label == "quantity" and chance < 0.2:
            return self._replace(run, self.random.choice(_QUANTITIES))
        if language == "en" and label == "unit" and chance < 0.2:
            return self._replace(run, self.random.choice(_UNITS))
        return run

    def _replace(self, run: list[tuple[str, str, str]], text: str) -> list[tuple[str, str, str]]:
        label, tokens = run[0][2][2:], tokenize(text, self.words)
        ends = [0, *(token.end for token in tokens)]
        return [
            (token.text, text[end : token.start] if number else run[0][1], f"{'I' if number else 'B'}-{label}")
            for number, (end, token) in enumerate(zip(ends, tokens, strict=False))
        ]

    def _letters(self, token: str, style: float, typos: float) -> str:
        if len(token) > 3 and token.isalpha() and token.isascii() and self.random.random() < typos:
            token = self._typo(token)
        return (
            token.lower()
            if style < 0.35
            else token.upper()
            if style < 0.38
            else token.capitalize()
            if style < 0.42
            else token
        )

    def _typo(self, word: str) -> str:
        """Leave a letter out, double it, swap it with the next, or take its neighbour's key."""
        at = self.random.randrange(1, len(word))
        before, letter, behind = word[:at], word[at], word[at + 1 :]
        other = _NEIGHBOURS.get(letter, letter)
        return before + self.random.choice(
            (behind, letter * 2 + behind, behind[:1] + letter + behind[1:], other + behind)
        )


def thai_words() -> frozenset[str]:
    """Return the list of Thai words that PyThaiNLP comes with (CC0)."""
    package = find_spec("pythainlp")
    assert package is not None and package.origin is not None
    text = (Path(package.origin).parent / "corpus" / "words_th.txt").read_text(encoding="utf-8")
    return frozenset(word for word in text.split() if len(word) > 1)


# Batches


class Coder:
    """Turns rows into arrays."""

    def __init__(self, rows: Sequence[Row], pieces: Pieces) -> None:
        counts = Counter(name for row in rows for name in {name for names in features(_tokens(row)) for name in names})
        self.features = sorted(name for name, count in counts.items() if count >= MIN_COUNTS.get(name[0], 2))
        self.feature_ids = {name: number for number, name in enumerate(self.features, 1)}
        self.pieces = pieces

    def length(self, row: Row) -> int:
        return 3 + sum(len(self.pieces.of_word(token)) for token in row.tokens)

    def batches(self, rows: Sequence[Row], source: random.Random) -> list[tuple[int, list[int]]]:
        """Return the numbers of rows of like length, filled up with others of that length, in random order."""
        by_length = defaultdict(list)
        for number, row in enumerate(rows):
            needed = self.length(row)
            by_length[next((length for length in LENGTHS if needed <= length), MAX_PIECES)].append(number)
        batches = []
        for length, numbers in sorted(by_length.items()):
            source.shuffle(numbers)
            for start in range(0, len(numbers), BATCH):
                batch = numbers[start : start + BATCH]
                batches.append((length, batch + source.choices(numbers, k=BATCH - len(batch))))
        source.shuffle(batches)
        return batches

    def encode(self, rows: Sequence[Row], length: int) -> dict[str, Any]:
        count, most = len(rows), MAX_PHRASES * (4 if length == MAX_PIECES else 1)
        batch = {
            "ids": np.zeros((count, length), np.int32),
            "mask": np.zeros((count, length), np.float32),
            "features": np.zeros((count, length, FEATURES), np.int32),
            "owners": np.zeros((count, length, length), np.float32),  # which pieces a token has
            "shapes": np.zeros((count, length, SHAPES), np.float32),
            "tags": np.zeros((count, length), np.int32),
            "is_token": np.zeros((count, length), np.float32),
            "intents": np.zeros((count, len(INTENT_NAMES)), np.float32),
            "phrases": np.full((count, most), PHRASES, np.int32),  # the bucket that is none
        }
        for number, row in enumerate(rows):
            self._encode_row({name: array[number] for name, array in batch.items()}, row, length)
        return batch

    def _encode_row(self, to: dict[str, Any], row: Row, length: int) -> None:
        tokens, used = _tokens(row), 2
        to["ids"][:2] = self.pieces.begin, self.pieces.previous(row.previous)
        for number, (token, names) in enumerate(zip(tokens, features(tokens), strict=True)):
            pieces = self.pieces.of_word(token.text)
            end = used + len(pieces)
            if end >= length:
                break
            to["ids"][used:end] = pieces
            to["features"][used:end, : len(names)] = [self.feature_ids.get(name, 0) for name in names]
            to["owners"][number, used:end] = 1 / len(pieces)
            to["shapes"][number], to["is_token"][number] = shape(token, number), 1
            to["tags"][number] = TAG_NAMES.index(row.tags[number])
            used = end
        to["ids"][used] = self.pieces.end
        to["mask"][: used + 1] = 1
        others = row.accept - {row.intent}
        for intent in others:
            to["intents"][INTENT_NAMES.index(intent)] = SHARE_OF_ACCEPTED / len(others)
        to["intents"][INTENT_NAMES.index(row.intent)] = 1 - to["intents"].sum()
        buckets = phrases(row.text, row.previous)[: to["phrases"].size]
        to["phrases"][: len(buckets)] = buckets


def _tokens(row: Row) -> list[Token]:
    return [Token(text, 0, 0) for text in row.tokens]


# The network


def train(
    examples: Sequence[Example], digest: str, report: Callable[[str], None], epochs: int = EPOCHS, seed: int = 0
) -> bytes:
    """Return the artifact of a network that is trained on the messages, whose files have this digest. Takes a quarter
    of an hour on two cores."""
    import jax
    import optax

    folder = minilm.folder()
    if folder is None:
        raise ValueError("the weights of MiniLM are not installed")
    weights, _mapped = minilm.open_weights(folder)
    words = thai_words()
    rows, source = read_rows(examples, words), random.Random(seed)  # noqa: S311 (no secret)
    coder, changes = Coder(rows, Pieces(minilm.tokenizer(folder))), Changes(examples, words, seed)
    params = _initial(weights, len(coder.features), np.random.default_rng(seed))
    per_epoch = len(coder.batches(rows, random.Random(seed)))  # noqa: S311 (no secret)
    optimizer = _optimizer(per_epoch * epochs)
    state, key, loss = optimizer.init(params), jax.random.key(seed), _loss(weights)

    def learn(params: Params, state: Any, batch: dict[str, Any], key: Any) -> tuple[Params, Any, Any]:
        value, gradient = jax.value_and_grad(loss)(params, batch, key)
        change, state = optimizer.update(gradient, state, params)
        return optax.apply_updates(params, change), state, value

    step = jax.jit(learn)
    for epoch in range(epochs):
        copies = [changes.copy(row) for row in rows] if epoch else rows
        total = 0.0
        for length, numbers in coder.batches(copies, source)[:per_epoch]:
            key, used = jax.random.split(key)
            batch = coder.encode([copies[number] for number in numbers], length)
            params, state, value = step(params, state, batch, used)
            total += float(value)
        report(f"epoch {epoch + 1} of {epochs}: loss {total / per_epoch:.3f}")
    return pack(params, coder.features, words, digest)


def _initial(weights: Params, feature_count: int, source: np.random.Generator) -> dict[str, Params]:
    """Return the parameters that are trained: the layers, the heads and the linear model of phrases."""

    def normal(rows: int, columns: int, deviation: float) -> Any:
        return (source.normal(size=(rows, columns)) * deviation).astype(np.float32)

    intents, tags = len(INTENT_NAMES), len(TAG_NAMES)
    return {
        "layers": {
            name: np.array(array)
            for name, array in weights.items()
            if name.startswith(tuple(f"encoder.layer.{number}." for number in range(LAYERS)))
        },
        "heads": {
            "intent.weight": normal(2 * WIDTH, intents, 0.02),
            "intent.bias": np.zeros(intents, np.float32),
            "tags.weight": normal(WIDTH + SHAPES, tags, 0.02),
            "tags.bias": np.zeros(tags, np.float32),
            "tags.moves": np.zeros((tags, tags), np.float32),
            "features.table": normal(feature_count + 1, FEATURE_WIDTH, 0.1),
            "features.projection": normal(FEATURE_WIDTH, WIDTH, 0.05),
        },
        "phrases": {
            "phrases.table": np.zeros((PHRASES + 1, intents), np.float32),
            "phrases.bias": np.zeros(intents, np.float32),
        },
    }


def _optimizer(steps: int) -> Any:
    import optax

    def adam(rate: float, decay: float = 0.01) -> Any:
        schedule = optax.warmup_cosine_decay_schedule(0, rate, max(1, steps // 10), steps)
        return optax.adamw(schedule, weight_decay=decay)

    groups = {"layers": adam(RATE), "heads": adam(HEAD_RATE), "phrases": adam(PHRASE_RATE, 0.0)}
    return optax.chain(optax.clip_by_global_norm(1.0), optax.multi_transform(groups, {name: name for name in groups}))


def _loss(weights: Params) -> Callable[[dict[str, Params], dict[str, Any], Any], Any]:
    """Return the loss of a batch, a function of the parameters, the batch and the key of the dropout."""
    import jax
    import jax.numpy as jnp

    words, places = (jnp.asarray(weights[f"embeddings.{kind}_embeddings.weight"]) for kind in ("word", "position"))
    types = jnp.asarray(weights["embeddings.token_type_embeddings.weight"][0])

    def normalized(x: Any, p: Params, name: str) -> Any:
        centered = x - x.mean(-1, keepdims=True)
        deviation = jnp.sqrt((centered * centered).mean(-1, keepdims=True) + 1e-12)
        return centered / deviation * p[f"{name}.weight"] + p[f"{name}.bias"]

    def run(params: dict[str, Params], batch: dict[str, Any], key: Any) -> tuple[Any, Any, Any]:
        layers, heads, linear = params["layers"], params["heads"], params["phrases"]
        rows, length = batch["ids"].shape
        keys = iter(jax.random.split(key, 3 + 2 * LAYERS))

        def drop(x: Any, share: float = 0.1) -> Any:
            return x * jax.random.bernoulli(next(keys), 1 - share, x.shape) / (1 - share)

        def dense(x: Any, name: str) -> Any:
            return x @ layers[f"{name}.weight"].T + layers[f"{name}.bias"]

        seen = (batch["features"] > 0) & jax.random.bernoulli(next(keys), 0.8, batch["features"].shape)
        added = (heads["features.table"][batch["features"]] * seen[..., None]).sum(2) @ heads["features.projection"]
        x = normalized(words[batch["ids"]] + places[:length] + types + added, weights, "embeddings.LayerNorm")
        penalty = ((1 - batch["mask"]) * -1e9)[:, None, None, :]
        for number in range(LAYERS):
            name = f"encoder.layer.{number}"
            query, keys_, value = (
                dense(x, f"{name}.attention.self.{part}").reshape(rows, length, HEADS, -1).swapaxes(1, 2)
                for part in ("query", "key", "value")
            )
            attention = jax.nn.softmax(query @ keys_.swapaxes(2, 3) / np.sqrt(WIDTH / HEADS) + penalty)
            context = (attention @ value).swapaxes(1, 2).reshape(rows, length, WIDTH)
            context = drop(dense(context, f"{name}.attention.output.dense"))
            x = normalized(x + context, layers, f"{name}.attention.output.LayerNorm")
            wide = jax.nn.gelu(dense(x, f"{name}.intermediate.dense"), approximate=False)
            x = normalized(x + drop(dense(wide, f"{name}.output.dense")), layers, f"{name}.output.LayerNorm")
        x = drop(x)
        mean = (x * batch["mask"][..., None]).sum(1) / batch["mask"].sum(1, keepdims=True)
        intent = drop(jnp.concatenate([mean, x[:, 0]], -1)) @ heads["intent.weight"] + heads["intent.bias"]
        tags = jnp.concatenate([batch["owners"] @ x, batch["shapes"]], -1) @ heads["tags.weight"] + heads["tags.bias"]
        is_phrase = (batch["phrases"] < PHRASES)[..., None]
        sums = (linear["phrases.table"][batch["phrases"]] * is_phrase).sum(1) / jnp.sqrt(is_phrase.sum(1))
        return intent, tags, sums + linear["phrases.bias"]

    def loss(params: dict[str, Params], batch: dict[str, Any], key: Any) -> Any:
        intent, tags, linear = run(params, batch, key)

        def entropy(scores: Any) -> Any:
            return -(batch["intents"] * jax.nn.log_softmax(scores)).sum(1).mean()

        return entropy(intent) + entropy(linear) + 2 * _tag_loss(tags, params["heads"]["tags.moves"], batch)

    return loss


def _tag_loss(scores: Any, moves: Any, batch: dict[str, Any]) -> Any:
    """Return the mean negative log likelihood of a token's tag, by the forward algorithm."""
    import jax
    import jax.numpy as jnp

    tags, is_token = batch["tags"], batch["is_token"]
    right = (jnp.take_along_axis(scores, tags[..., None], 2)[..., 0] * is_token).sum(1)
    right += (moves[tags[:, :-1], tags[:, 1:]] * is_token[:, 1:]).sum(1)

    def step(total: Any, row: tuple[Any, Any]) -> tuple[Any, None]:
        score, is_there = row
        reached = jax.nn.logsumexp(total[:, :, None] + moves, 1) + score
        return jnp.where(is_there[:, None] > 0, reached, total), None

    total, _none = jax.lax.scan(step, scores[:, 0], (scores[:, 1:].swapaxes(0, 1), is_token[:, 1:].T))
    missed = jnp.where(is_token[:, 0] > 0, jax.nn.logsumexp(total, 1) - right, 0)
    return missed.sum() / jnp.maximum(is_token.sum(), 1)


# The artifact


def pack(params: dict[str, Params], feature_names: Sequence[str], words: frozenset[str], digest: str) -> bytes:
    """Return the artifact: matrices as 8-bit integers with a scale for each column, vectors as they are."""
    arrays: Params = {}
    for name, value in sorted({**params["layers"], **params["heads"], **params["phrases"]}.items()):
        array = np.asarray(value, np.float32)
        if array.ndim < 2 or name == "tags.moves":
            arrays[name] = array
            continue
        scale = np.maximum(np.abs(array).max(0), 1e-12) / 127
        arrays[name] = np.round(array / scale).astype(np.int8)
        arrays[f"{name}:scale"] = scale.astype(np.float32)
    meta = {
        "version": VERSION,
        "corpus": digest,
        "layers": LAYERS,
        "intents": INTENT_NAMES,
        "tags": TAG_NAMES,
        "features": list(feature_names),
    }
    arrays["words"] = np.frombuffer("\n".join(sorted(words)).encode(), np.uint8)
    file = io.BytesIO()
    text = json.dumps(meta, ensure_ascii=False).encode()
    np.savez_compressed(file, meta=np.frombuffer(text, np.uint8), **arrays)
    return file.getvalue()
