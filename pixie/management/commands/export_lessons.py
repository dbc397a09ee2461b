"""`manage.py export_lessons`: print what a home has taught, without names, in the format of pixie/nlu/data."""

import json
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.models import Channel
from homes.events.models import Event
from homes.models import Agent, Home, Membership
from pixie.models import Lesson
from pixie.nlu.anonymize import Anonymizer, mark_items
from pixie.nlu.corpus import INTENTS
from pixie.nlu.language import language_of


class Command(BaseCommand):
    help = "Print the right lessons of a home that shares its examples as JSON lines, to extend pixie/nlu/data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("home", type=UUID, help="The id of the home.")

    def handle(self, *, home: UUID, **_options: Any) -> None:
        row = Home.objects.filter(pk=home).first()
        if row is None:
            raise CommandError(f"There is no home {home}.")
        if not row.shares_examples:
            raise CommandError("This home does not share its examples. An owner can change that in its settings.")
        anonymizer = _anonymizer(row)
        lessons = Lesson.objects.filter(home=row, is_right=True, intent__in=INTENTS).order_by("pk")
        authors: dict[Any, str] = {}
        for lesson in lessons:
            writer = authors.setdefault(lesson.author_id, ascii_uppercase[len(authors) % 26])
            self.stdout.write(json.dumps(_line(lesson, anonymizer, writer), ensure_ascii=False))


def _anonymizer(home: Home) -> Anonymizer:
    """Return an anonymizer of the names in the home, also of members who have left."""
    joined = Event.objects.filter(home=home, type="member_joined").values_list("actor_user__name", flat=True)
    agents = Agent.objects.filter(home=home).values_list("display_name", "slug")
    rooms = Channel.objects.filter(home=home).exclude(name="").values_list("name", flat=True)
    return Anonymizer(
        people=[*Membership.objects.filter(home=home).values_list("user__name", flat=True), *filter(None, joined)],
        rooms=list(rooms),
        agents=[name for pair in agents for name in pair],
    )


def _line(lesson: Lesson, anonymizer: Anonymizer, writer: str) -> dict[str, Any]:
    names = [anonymizer.clean(str(call["payload"].get("name", ""))) for call in lesson.calls]
    others = {call["type"] for call in lesson.calls} & INTENTS - {lesson.intent}
    return {
        "m": mark_items(anonymizer.clean(lesson.text), names),
        "intent": lesson.intent,
        "accept": sorted(others),
        "writer": writer,
        "lang": language_of(lesson.text, "en"),
    }
