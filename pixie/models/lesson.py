"""What a home teaches its agents: messages, and whether they were understood."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models import Message
from homes.accounts.models import User
from homes.models import Home, Membership
from pantry.models import MutableRow
from pixie.nlu.lessons import lesson_key


class LessonQuerySet(models.QuerySet["Lesson"]):
    def visible_to(self, member: Membership) -> "LessonQuerySet":
        """Return the member's own: a message may be from a private talk, so not even owners see those of others."""
        return self.filter(home=member.home_id, author=member.user_id)

    def about(self, home: Home, text: str) -> dict[str, tuple[str, bool]]:
        """Return what the home has taught about a message, for `Vocabulary.lessons`."""
        rows = self.filter(home=home, key=lesson_key(text))
        return {key: (intent, is_right) for key, intent, is_right in rows.values_list("key", "intent", "is_right")}


class Lesson(MutableRow):
    """A message, what it was taken for, and whether its author said that this is right. The newest one counts."""

    MAX_LENGTH = 500
    MAX_PER_HOME = 500

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("author"))
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="+")
    """None after an import."""
    text = models.CharField(_("text"), max_length=MAX_LENGTH)
    key = models.CharField(max_length=MAX_LENGTH, editable=False)
    intent = models.CharField(_("intent"), max_length=40)
    calls = models.JSONField(_("calls"), default=list)
    """The calls that the message was taken for: `{"type": …, "payload": …}` for each."""
    is_right = models.BooleanField(_("right"))

    objects: ClassVar[Any] = LessonQuerySet.as_manager()

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        constraints = [models.UniqueConstraint(fields=["home", "key"], name="lesson_once_a_message")]
        indexes = [models.Index(fields=["home", "author", "-updated_at"], name="lesson_newest")]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def audience(self) -> Any:
        """Audience of its events, which do not have its text: those who can see the message."""
        return self.message.channel.audience if self.message else None
