"""What Pixie finds again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.models import Channel
from groceries.actions.undo import UNDO
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.events.models import Event
from homes.models import Agent, Home
from pantry.db import index_row, unindex_row
from pantry.errors import ActionError, StaleVersion
from pantry.text import clean_line, clean_text
from pixie.models import Passage, Source
from pixie.nlu.keywords import index_words, same_words

MOST_TAGS, LONGEST_TAG = 8, 40
ALIKE = 200  # rows with the same words as a new one that are compared with it


@action
def remember_passage(
    content: str,
    *,
    by: Actor,
    source: str = Source.NOTE,
    channel: Channel | None = None,
    agent: Agent | None = None,
    user: User | None = None,
    author_name: str = "",
    tags: Iterable[str] = (),
    source_id: UUID | None = None,
    seq: int | None = None,
    said_at: datetime | None = None,
) -> tuple[Passage, bool]:
    """The passage, and whether it is new: what is known in the same words to the same people is not kept twice.

    Whoever is in `channel` may know it, without one the whole home. What came from the same `source_id` before is
    changed to say this. Raises ActionError for an empty or endless text.
    """
    content = _fit(content)
    if source_id is not None and (known := Passage.objects.filter(home=by.home, source_id=source_id).first()):
        Passage.objects.filter(pk=known.pk).update(seq=seq)
        return change_passage(known, content, by=by), False
    if source not in (Source.PURCHASE, Source.TASK, Source.EVENT) and (known := _same(content, channel, by.home)):
        return known, False
    passage = Passage(
        home=by.home,
        agent=agent,
        user=user if user or author_name else by.user,
        author_name=clean_line(author_name)[:80],
        channel=channel,
        source=source,
        source_id=source_id,
        seq=seq,
        content=content,
        tags=fit_tags(tags),
        said_at=said_at or timezone.now(),
    )
    passage.words = _words_of(passage)
    passage.save(force_insert=True)
    index_row(passage)
    record("passage_remembered", passage, by=by, audience=passage.audience)
    return passage, True


@action
def change_passage(passage: Passage, content: str, *, by: Actor) -> Passage:
    """Let it say something else, as what it is from does. Raises ActionError for an empty or endless text."""
    return _rewrite(_current(passage), by, content=_fit(content))


@action
def correct_passage(passage: Passage, content: str, *, by: Actor, version: int | None = None) -> Passage:
    """A person puts it right. From then on it is a note of theirs, whatever it was from before, so that nobody's words
    are put into another's mouth. Who may know it stays as it was.

    Raises ActionError for an empty or endless text, StaleVersion when `version` is not the current one.
    """
    content = _fit(content)
    passage = _current(passage)
    if version is not None and version != passage.version:
        raise StaleVersion(_("This was changed meanwhile."), passage)
    if content == passage.content:
        return passage
    source = {"source": Source.NOTE, "source_id": None, "seq": None}
    return _rewrite(passage, by, content=content, user=by.user, author_name="", **source)


def _rewrite(passage: Passage, by: Actor, **fields: Any) -> Passage:
    """Its meaning is computed anew when somebody asks, and what it said is gone from the log."""
    if changes := passage.assign(**fields):
        passage.words = _words_of(passage)
        passage.embedding = passage.revision = None
        passage.version += 1
        passage.save()
        index_row(passage)
        _redact(passage)
        told = {name: pair for name, pair in changes.items() if name != "content"}
        record("passage_changed", passage, by=by, changes=told, audience=passage.audience)
    return passage


@action
def forget_passage(passage: Passage, *, by: Actor) -> None:
    """It is gone, and so is what the log says of its words. A second time it is harmless."""
    known: Passage | None = Passage.objects.select_related("channel").filter(pk=passage.pk).first()
    if known is None:
        return
    unindex_row(known)
    audience, pk = known.audience, known.pk
    known.delete()
    known.pk = pk
    _redact(known)
    record("passage_forgotten", known, by=by, audience=audience)


def fit_tags(tags: Iterable[str]) -> list[str]:
    """Small, each once, as many as a passage has room for."""
    cleaned = (clean_line(str(tag)).casefold().lstrip("#")[:LONGEST_TAG] for tag in tags)
    return list(dict.fromkeys(tag for tag in cleaned if tag))[:MOST_TAGS]


def _words_of(passage: Passage) -> str:
    """Who said it is a word to find it by, too."""
    return index_words(passage.content, *passage.tags, passage.who)


def _fit(content: str) -> str:
    content = clean_text(content)
    if not content:
        raise ActionError(_("There is nothing to remember in that."))
    if len(content) > Passage.MAX_LENGTH:
        raise ActionError(_("That is too long to remember: %(most)d letters at most.") % {"most": Passage.MAX_LENGTH})
    return content


def _same(content: str, channel: Channel | None, home: Home) -> Passage | None:
    """What says the same in the same words, where the same people may know it."""
    alike = Passage.objects.filter(home=home, channel=channel).exclude(
        source__in=(Source.PURCHASE, Source.TASK, Source.EVENT)
    )
    for passage in alike.filter(words__startswith=index_words(content)).select_related("user", "channel")[:ALIKE]:
        if same_words(passage.content, content):
            return passage
    return None


def _current(passage: Passage) -> Passage:
    current: Passage = Passage.objects.select_related("channel").get(pk=passage.pk)
    return current


def _redact(passage: Passage) -> None:
    """The log keeps that something was remembered, and no more what."""
    told = Event.objects.filter(home=passage.home_id, subject_id=passage.pk, redacted_at=None)
    told.filter(type__in=("passage_remembered", "passage_changed")).update(
        data={}, changes={}, redacted_at=timezone.now()
    )


def _undo_remembered(event: Event, by: Actor) -> None:
    subject: Any = event.subject_id
    passage = Passage.objects.filter(home=by.home, pk=subject).first()
    if passage is not None:
        forget_passage(passage, by=by)


UNDO["passage_remembered"] = _undo_remembered
