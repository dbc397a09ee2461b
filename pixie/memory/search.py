"""Finding what is known: by its words and by its meaning together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from chat.models import Channel
from homes.models import Agent, Home, Membership
from pantry.db import search_by_vector, search_by_words
from pixie.memory import embedding, embedding_jobs
from pixie.models import Passage
from pixie.nlu.keywords import asked_words, covers, index_words, weighty

LOOKED_AT = 40  # the most by words, and by meaning
NEWEST = ("-said_at", "-pk")
RANKS = 30  # how little the first places weigh more than the next, in reciprocal rank fusion
NEAR = 0.33  # the cosine from which two texts are about the same thing
NEAR_WITH_A_NAME = 0.46  # where the same person is named, which makes them alike whatever they are about
FAIRLY_NEAR = 0.3  # enough where some of the words are the same, too
COVERED = 0.5  # of the weighty words of a question, where meaning says nothing


@dataclass(frozen=True)
class Found:
    passage: Passage
    score: float
    covered: float
    """How many of the words asked for it has: 0 to 1."""


def known_to(member: Membership, *, agent: Agent | None = None, aloud_in: Channel | None = None) -> Any:
    """The passages that the member may see; of these, what that agent was told, and what may be said aloud there."""
    rows = Passage.objects.visible_to(member).known_to(agent)
    return rows.tellable_in(aloud_in) if aloud_in is not None else rows


def search(rows: Any, home: Home, question: str, limit: int = 5) -> list[Found]:
    """Of `rows`, which are of that home, those that the question is about, the best first; none when there are none.

    Costs two indexed searches and one embedding, some 10 ms in all, and 10 more for each new passage since somebody
    asked last.
    """
    embedding_jobs.embed_waiting(home.pk, embedding_jobs.WHILE_ASKED)
    asked = asked_words(question)
    vector = embedding.of_one(question)
    near = search_by_vector(rows, home.pk, vector, LOOKED_AT) if vector is not None else []
    worded = search_by_words(rows, weighty(asked) or asked, NEWEST, LOOKED_AT)
    scores = _fused([pk for pk, _cosine in near], worded)
    cosines = dict(near)
    best = sorted(scores, key=lambda pk: -scores[pk])[: max(LOOKED_AT, 2 * limit)]
    people = Membership.objects.filter(home=home).values_list("user__name", flat=True)
    names = frozenset(name for person in people for name in _names_of(person))
    is_near = NEAR if names.isdisjoint(asked) else NEAR_WITH_A_NAME
    told = []
    known = Passage.objects.filter(pk__in=best)  # of `rows`, as both rankings are
    for pk, words, said_at in known.values_list("pk", "words", "said_at"):
        cosine, covered = cosines.get(pk, 0.0), covers(asked, words, names)
        if cosine >= is_near or covered >= COVERED or (covered > 0 and cosine >= FAIRLY_NEAR):
            told.append((scores[pk], said_at, pk, covered))
    told = sorted(told, reverse=True)[:limit]
    passages = known.select_related("user", "channel").defer("embedding").in_bulk([pk for _, _, pk, _ in told])
    return [Found(passages[pk], score, covered) for score, _said_at, pk, covered in told if pk in passages]


@lru_cache(maxsize=4096)
def _names_of(person: str) -> tuple[str, ...]:
    return tuple(index_words(person).split())


def _fused(*rankings: Sequence[UUID]) -> dict[UUID, float]:
    """Reciprocal rank fusion: what is high in one ranking, or well placed in both, comes first."""
    scores: dict[UUID, float] = {}
    for ranking in rankings:
        for place, pk in enumerate(ranking):
            scores[pk] = scores.get(pk, 0.0) + 1 / (RANKS + place + 1)
    return scores
