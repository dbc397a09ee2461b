"""Learn and forget lessons."""

from typing import Any

from chat.models import Message
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.models import Membership
from pixie.models import Lesson
from pixie.nlu.lessons import lesson_key


@action
def learn_lesson(
    text: str,
    intent: str,
    *,
    by: Actor,
    is_right: bool,
    calls: list[dict[str, Any]],
    message: Message | None = None,
) -> Lesson | None:
    """Keep what the actor's message was taken for, instead of an earlier lesson of the same key. The home's oldest
    ones go. A message that is too long for a lesson teaches nothing.
    """
    key = lesson_key(text)
    if not key or max(len(text), len(key)) > Lesson.MAX_LENGTH:
        return None
    lesson = Lesson.objects.filter(home=by.home, key=key).first() or Lesson(home=by.home, key=key)
    is_new = lesson._state.adding
    fields = {"author": by.user, "text": text, "intent": intent, "calls": calls, "is_right": is_right}
    changes = lesson.assign(**fields, message=message)
    lesson.save(force_insert=is_new)
    if is_new or changes.keys() & {"author", "intent", "is_right"}:
        record("lesson_learned", lesson, by=by, audience=lesson.audience)
    for oldest in Lesson.objects.filter(home=by.home).order_by("-updated_at", "-pk")[Lesson.MAX_PER_HOME :]:
        forget_lesson(oldest, by=by)
    return lesson


@action
def forget_lesson(lesson: Lesson, *, by: Actor) -> None:
    """Delete the lesson. Idempotent."""
    current = Lesson.objects.select_related("message__channel").filter(pk=lesson.pk).first()
    if current is None:
        return
    current.delete()
    current.pk = lesson.pk  # delete() clears it; the event needs it
    record("lesson_forgotten", current, by=by, audience=current.audience)


def forget_lessons_of(member: Membership, by: Actor) -> None:
    """Delete the lessons of a member who leaves: nobody else could see or delete them. Needs the home's lock."""
    for lesson in Lesson.objects.visible_to(member):
        forget_lesson(lesson, by=by)
