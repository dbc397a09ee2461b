"""Search of memory, by words and by embedding together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chat.models import Channel
from homes.models import Agent, Home, Membership
from pantry.db import search_by_vector, search_by_words
from pixie.memory import embedding
from pixie.memory.keywords import coverage, index_words, query_words, topic_words
from pixie.models import Passage

MAX_CANDIDATES = 40  # of each of the two rankings
NEWEST = ("-said_at", "-pk")
FUSION_K = 30  # the constant of reciprocal rank fusion: the higher, the less the first ranks outweigh the next
MIN_COSINE = 0.33  # from here on two texts have the same topic
MIN_COSINE_WITH_NAME = 0.46  # a person's name in the query makes it similar to everything about that person
MIN_COSINE_WITH_WORDS = 0.3  # enough where some of the words match, too
MIN_COVERAGE = 0.5  # of the query's topic words, where the embeddings differ


@dataclass(frozen=True)
class Match:
    passage: Passage
    coverage: float
    """Share of the query's topic words that the passage contains: 0 to 1."""


def visible_passages(member: Membership, *, agent: Agent | None = None, reply_channel: Channel | None = None) -> Any:
    """Return the passages the member may see. With `agent`, only those it may know; with `reply_channel`, only those
    that every reader of that channel may see."""
    rows = Passage.objects.visible_to(member).for_agent(agent)
    return rows.quotable_in(reply_channel) if reply_channel is not None else rows


def search(rows: Any, home: Home, query: str, limit: int = 5) -> list[Match]:
    """Return the passages among `rows` that are relevant to the query, best first. All rows must be of `home`.

    Costs two indexed searches and one embedding, about 10 ms in all, and 10 ms more for each passage that has been
    added since the last search.
    """
    embedding.embed_waiting(home.pk, embedding.MAX_PER_QUERY)
    words = query_words(query)
    vector = embedding.embed_query(query)
    by_cosine = search_by_vector(rows, home.pk, vector, MAX_CANDIDATES) if vector is not None else []
    by_words = search_by_words(rows, topic_words(words) or words, NEWEST, MAX_CANDIDATES)
    scores = _fuse_ranks([pk for pk, _cosine in by_cosine], by_words)
    best = sorted(scores, key=lambda pk: -scores[pk])[: max(MAX_CANDIDATES, 2 * limit)]
    passages = Passage.objects.filter(pk__in=best)  # a subset of `rows`, as both rankings are
    relevant = _relevant(passages, home, words, dict(by_cosine))
    ranked = sorted(((scores[pk], said_at, pk, share) for pk, said_at, share in relevant), reverse=True)[:limit]
    by_pk = passages.select_related("user", "channel").defer("embedding").in_bulk([pk for _, _, pk, _ in ranked])
    return [Match(by_pk[pk], share) for _score, _said_at, pk, share in ranked if pk in by_pk]


def _relevant(passages: Any, home: Home, words: list[str], cosines: dict[UUID, float]) -> list[tuple[UUID, Any, float]]:
    """Return id, time and coverage of the passages that are similar enough to the query, or share enough words."""
    members = Membership.objects.filter(home=home).values_list("user__name", flat=True)
    names = frozenset(index_words(*members).split())
    min_cosine = MIN_COSINE if names.isdisjoint(words) else MIN_COSINE_WITH_NAME
    relevant = []
    for pk, passage_words, said_at in passages.values_list("pk", "words", "said_at"):
        cosine, share = cosines.get(pk, 0.0), coverage(words, passage_words, names)
        if cosine >= min_cosine or share >= MIN_COVERAGE or (share > 0 and cosine >= MIN_COSINE_WITH_WORDS):
            relevant.append((pk, said_at, share))
    return relevant


def _fuse_ranks(*rankings: Sequence[UUID]) -> dict[UUID, float]:
    """Score ids by reciprocal rank fusion."""
    scores: dict[UUID, float] = {}
    for ranking in rankings:
        for rank, pk in enumerate(ranking):
            scores[pk] = scores.get(pk, 0.0) + 1 / (FUSION_K + rank + 1)
    return scores
