"""Replay cases of the actions of `pixie`."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

import homes.actions
import pixie.actions
from groceries.actions import pause_recurring, set_recurring
from groceries.models import RecurringItem
from homes.events.models import Event
from homes.models import Home
from pixie.models import MemoryBlock
from tests.factories import by
from tests.replay.registry import Cases, in_an_hour

CASES = Cases()
case = CASES.register


@case("pixie.create_agent")
def _(s):
    pixie.actions.create_agent(
        "Chef", by=s.me, title="Plans the meals", avatar_color="clay", max_budget_usd=Decimal("0.1")
    )


@case("pixie.change_agent")
def _(s):
    """Twice, which has the effect of once."""
    for _time in range(2):
        pixie.actions.change_agent(s.goblin, by=s.me, display_name="Imp", is_active=False)


@case("pixie.remove_agent")
def _(s):
    """An agent with its own blocks and a shared one."""
    pixie.actions.create_default_blocks(s.goblin, by=s.me)
    pixie.actions.remove_agent(s.goblin, by=s.me)


case("pixie.write_block")(lambda s: pixie.actions.write_block(s.pixie, "household", "Two cats", by=s.me))
case("pixie.remember_passage")(lambda s: pixie.actions.remember_passage("The rent is due on the 5th", by=s.me))


@case("pixie.create_default_blocks")
def _(s):
    """For another agent, with a member block that is written later."""
    pixie.actions.create_default_blocks(s.goblin, by=s.me)
    pixie.actions.write_block(s.goblin, "member", "Eats no fish", by=s.me)


@case("pixie.share_block")
def _(s):
    pixie.actions.share_block(MemoryBlock.objects.get(agent=s.pixie, label="preferences"), s.goblin, by=s.me)


case("pixie.unshare_block")(lambda s: pixie.actions.unshare_block(s.shared, s.goblin, by=s.me))


@case("pixie.change_passage")
def _(s):
    pixie.actions.change_passage(s.fact, "The rent is due on the 6th", by=s.me)


@case("pixie.correct_passage")
def _(s):
    """Twice, which has the effect of once."""
    for _time in range(2):
        pixie.actions.correct_passage(s.fact, "The rent is due on the 7th", by=by(s.ben))


@case("pixie.forget_passage")
def _(s):
    pixie.actions.forget_passage(s.fact, by=s.me)
    pixie.actions.forget_passage(s.fact, by=s.me)


def learn(s, text="we could use eggs", **fields):
    """Teach Pixie as Ben what a message means."""
    fields = {"is_right": True, "calls": [], "message": s.message} | fields
    return pixie.actions.learn_lesson(text, "add_item", by=by(s.ben), **fields)


@case("pixie.learn_lesson")
def _(s):
    """Three times, of which the second has no effect."""
    for is_right in (True, True, False):
        learn(s, is_right=is_right)


@case("pixie.forget_lesson")
def _(s):
    """The second time has no effect. Another lesson stays."""
    lesson = learn(s)
    learn(s, "we could use ham", message=None)
    for _time in range(2):
        pixie.actions.forget_lesson(lesson, by=by(s.ben))


@case("pixie.forget_lessons_of")
def _(s):
    learn(s)
    homes.actions.remove_member(s.ben, by=s.me)


@case("pixie.choose_model")
def _(s):
    """Twice, which has the effect of once."""
    for _time in range(2):
        models = {"small": "llama3.2"}
        url = "https://models.example.com/v1"
        pixie.actions.choose_model(by=s.me, provider="compatible", url=url, key="sk-0123456789abcdef", models=models)


@case("pixie.schedule_message")
def _(s):
    """Once in a room, and daily in the member's own chat."""
    pixie.actions.schedule_message("Remind us: bins", in_an_hour(), by=s.me, channel=s.surprise)
    pixie.actions.schedule_message("What is on the list?", in_an_hour(), by=by(s.ben), rrule="FREQ=DAILY")


case("pixie.cancel_scheduled")(lambda s: pixie.actions.cancel_scheduled(s.later, by=by(s.ben)))


@case("pixie.resume_scheduled")
def _(s):
    pixie.actions.resume_scheduled(pixie.actions.cancel_scheduled(s.later, by=s.me), by=s.me)
    event = Event.objects.filter(subject_id=s.later.pk).earliest("seq")
    homes.events.undo.undo_event(event, by=s.me)


@case("pixie.fire_scheduled")
def _(s):
    recurring = pixie.actions.schedule_message("Remind us: bins", in_an_hour(), by=s.me, rrule="FREQ=DAILY")
    for scheduled in (recurring, s.later):
        pixie.actions.fire_scheduled(scheduled, timezone.now() + timedelta(days=3))


@case("pixie.cancel_schedules_of")
def _(s):
    pixie.actions.schedule_message("Remind us: bins", in_an_hour(), by=by(s.ben), channel=s.general)
    homes.actions.remove_member(s.ben, by=s.me)


case("pixie.choose_summary")(lambda s: pixie.actions.choose_summary(6, by=s.me))


@case("pixie.post_summary")
def _(s):
    """At nine in the morning of the home."""
    Home.objects.filter(pk=s.nok.home_id).update(timezone="UTC")
    pixie.actions.post_summary(s.nok.home_id, timezone.now().replace(hour=9))
    Home.objects.filter(pk=s.nok.home_id).update(timezone=s.nok.home.timezone)


def make_suggestion(s):
    """Return a suggestion for an item that recurs tomorrow."""
    set_recurring("Tea", "weekly", by=s.me, rrule="FREQ=DAILY")
    (suggestion,) = pixie.actions.make_suggestions(s.nok.home_id, timezone.now())
    return suggestion


@case("pixie.make_suggestions")
def _(s):
    """Made, and withdrawn the next day because the item was paused."""
    make_suggestion(s)
    pause_recurring(RecurringItem.objects.get(item__name="Tea"), by=s.me)
    assert pixie.actions.make_suggestions(s.nok.home_id, timezone.now() + timedelta(days=1)) == []


case("pixie.take_suggestion")(lambda s: pixie.actions.take_suggestion(make_suggestion(s), by=by(s.ben)))
case("pixie.dismiss_suggestion")(lambda s: pixie.actions.dismiss_suggestion(make_suggestion(s), by=by(s.ben)))


@case("pixie.reopen_suggestion")
def _(s):
    pixie.actions.reopen_suggestion(pixie.actions.dismiss_suggestion(make_suggestion(s), by=s.me), by=by(s.ben))
