"""Remember, correct and forget passages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.models import Channel
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.events.models import Event
from homes.models import Agent, Home
from pantry.db import index_row, unindex_row
from pantry.errors import ActionError, StaleVersion, check_length
from pantry.text import clean_line, clean_text
from pixie.memory.keywords import index_words, same_words
from pixie.models import Passage, Source

MAX_TAGS, MAX_TAG_LENGTH = 8, 40
MAX_DUPLICATE_CANDIDATES = 200
AUTOMATIC_SOURCES = (Source.PURCHASE, Source.TASK, Source.EVENT)


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
    """Store a passage. Returns it and whether it is new: a duplicate for the same audience is not stored.

    Members of `channel` may see it; without a channel, the whole home. A passage with the same `source_id` is updated.
    Raises ActionError for an empty or too long text.
    """
    content = _clean_content(content)
    if source_id is not None and (existing := Passage.objects.filter(home=by.home, source_id=source_id).first()):
        Passage.objects.filter(pk=existing.pk).update(seq=seq)
        return change_passage(existing, content, by=by), False
    if source not in AUTOMATIC_SOURCES and (existing := _find_duplicate(content, channel, by.home)):
        return existing, False
    passage = build_passage(
        content,
        by=by,
        source=source,
        channel=channel,
        agent=agent,
        user=user if user or author_name else by.user,
        author_name=author_name,
        tags=tags,
        source_id=source_id,
        seq=seq,
        said_at=said_at,
    )
    passage.save(force_insert=True)
    index_row(passage)
    record("passage_remembered", passage, by=by, audience=passage.audience)
    return passage, True


def build_passage(
    content: str, *, by: Actor, author_name: str, tags: Iterable[str], said_at: datetime | None, **fields: Any
) -> Passage:
    """Return a new passage that is not saved. Raises ActionError for an empty or too long text."""
    passage = Passage(
        home=by.home,
        author_name=check_length(clean_line(author_name), 80),
        content=_clean_content(content),
        tags=clean_tags(tags),
        said_at=said_at or timezone.now(),
        **fields,
    )
    passage.words = _index_words_of(passage)
    return passage


@action
def change_passage(passage: Passage, content: str, *, by: Actor) -> Passage:
    """Update the content after its source changed. Raises ActionError for an empty or too long text."""
    return _rewrite(passage.reload("channel"), by, content=_clean_content(content))


@action
def correct_passage(passage: Passage, content: str, *, by: Actor, version: int | None = None) -> Passage:
    """Correct the content. The passage becomes a note by the person who corrects it, so that nobody is misquoted.
    Its audience does not change.

    Raises ActionError for an empty or too long text, StaleVersion when `version` is not the current one.
    """
    content = _clean_content(content)
    passage = passage.reload("channel")
    if version is not None and version != passage.version:
        raise StaleVersion(_("This was changed meanwhile."), passage)
    if content == passage.content:
        return passage
    source = {"source": Source.NOTE, "source_id": None, "seq": None}
    return _rewrite(passage, by, content=content, user=by.user, author_name="", **source)


def _rewrite(passage: Passage, by: Actor, **fields: Any) -> Passage:
    """Save the fields, drop the embedding to be computed again, and redact the old content from the log."""
    if changes := passage.assign(**fields):
        passage.words = _index_words_of(passage)
        passage.embedding = passage.revision = None
        passage.version += 1
        passage.save()
        index_row(passage)
        _redact(passage)
        redacted_changes = {name: pair for name, pair in changes.items() if name != "content"}
        record("passage_changed", passage, by=by, changes=redacted_changes, audience=passage.audience)
    return passage


@action
def forget_passage(passage: Passage, *, by: Actor) -> None:
    """Delete the passage and redact its content from the log. Idempotent."""
    current: Passage | None = Passage.objects.select_related("channel").filter(pk=passage.pk).first()
    if current is None:
        return
    unindex_row(current)
    current.delete()
    current.pk = passage.pk
    _redact(current)
    record("passage_forgotten", current, by=by, audience=current.audience)


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Normalize tags: lower case, without duplicates. Raises ActionError for a long tag, or too many."""
    cleaned = (check_length(clean_line(str(tag)).casefold().lstrip("#"), MAX_TAG_LENGTH) for tag in tags)
    unique = list(dict.fromkeys(tag for tag in cleaned if tag))
    if len(unique) > MAX_TAGS:
        raise ActionError(_("Use at most %(max)d tags (you have %(count)d).") % {"max": MAX_TAGS, "count": len(unique)})
    return unique


def _index_words_of(passage: Passage) -> str:
    return index_words(passage.content, *passage.tags, passage.author_label)


def _clean_content(content: str) -> str:
    content = clean_text(content)
    if not content:
        raise ActionError(_("There is nothing to remember in that."))
    if len(content) > Passage.MAX_LENGTH:
        raise ActionError(
            _("That is too long to remember. Use at most %(most)d characters.") % {"most": Passage.MAX_LENGTH}
        )
    return content


def _find_duplicate(content: str, channel: Channel | None, home: Home) -> Passage | None:
    rows = Passage.objects.filter(home=home, channel=channel).exclude(source__in=AUTOMATIC_SOURCES)
    candidates = rows.filter(words__startswith=index_words(content)).select_related("user", "channel")
    for passage in candidates[:MAX_DUPLICATE_CANDIDATES]:
        if same_words(passage.content, content):
            return passage
    return None


def _redact(passage: Passage) -> None:
    events = Event.objects.filter(home=passage.home_id, subject_id=passage.pk, redacted_at=None)
    events.filter(type__in=("passage_remembered", "passage_changed")).update(
        data={}, changes={}, salt="", redacted_at=timezone.now()
    )
