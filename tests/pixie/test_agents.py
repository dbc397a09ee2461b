"""Actions on agents: create, change, put to sleep and remove."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chat.actions import open_assistant
from homes.events.models import Event
from homes.models import Agent, Home
from pantry.errors import ActionError, Forbidden, StaleVersion
from pixie.actions import change_agent, create_agent, remove_agent, share_block
from pixie.models import MemoryBlock
from tests.factories import by, move_in


@pytest.fixture
def chef(nok, pixie):
    return create_agent("Chef", by=by(nok))


def test_creating_an_agent_creates_its_blocks_and_records_events(nok, pixie, events):
    chef = create_agent("Chef", by=by(nok), title="Plans the meals", avatar_color="clay", max_turns=3)
    assert (chef.slug, chef.title, chef.avatar_color, chef.max_turns, chef.is_active) == (
        "chef", "Plans the meals", "clay", 3, True,
    )  # fmt: skip
    assert events(nok.home) == ["agent_created", *["memory_block_created"] * 3]
    assert set(MemoryBlock.objects.filter(agent=chef).values_list("label", flat=True)) == set(MemoryBlock.LABELS)


def test_agent_actions_by_a_plain_member_are_forbidden(nok, ben, pixie, chef, events):
    for action in (
        lambda: create_agent("Imp", by=by(ben)),
        lambda: change_agent(chef, by=by(ben), title="Boss"),
        lambda: remove_agent(chef, by=by(ben)),
    ):
        with pytest.raises(Forbidden, match="Only an owner"):
            action()
    assert events(nok.home) == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Goblin (the cook)", "goblin-the-cook"), ("แม่บ้าน", "แม่บ้าน"), ("🦊", "agent"), ("  Mr.  Fox ", "mr-fox")],
)
def test_slug_is_derived_from_the_display_name(nok, pixie, name, slug):
    assert create_agent(name, by=by(nok)).slug == slug


def test_names_without_letters_get_numbered_slugs(nok, pixie):
    assert [create_agent(name, by=by(nok)).slug for name in ("🦊", "🐸", "🐢")] == ["agent", "agent-2", "agent-3"]


@pytest.mark.parametrize("name", ["Pixie", "PIXIE", "Ben", "ben!", "@pixie", "", " \u200b ", "\x00"])
def test_creating_an_agent_with_a_taken_or_empty_name_is_refused(nok, ben, pixie, name):
    with pytest.raises(ActionError):
        create_agent(name, by=by(nok))
    assert Agent.objects.count() == 1


def test_renaming_an_agent_changes_its_slug(nok, chef):
    assert change_agent(chef, by=by(nok), display_name="Chef").version == 1
    assert change_agent(chef, by=by(nok), display_name="Imp").slug == "imp"
    with pytest.raises(ActionError, match="called Pixie"):
        change_agent(chef, by=by(nok), display_name="Pixie")


@pytest.mark.parametrize(
    "fields",
    [
        {"avatar_color": "chartreuse"}, {"max_turns": 0}, {"max_turns": 31}, {"max_budget_usd": Decimal(0)},
        {"max_budget_usd": Decimal(101)}, {"system_prompt": "x" * 4001}, {"title": "x" * 81},
    ],
)  # fmt: skip
def test_invalid_fields_are_refused_by_actions(nok, pixie, chef, fields):
    with pytest.raises(ValidationError):
        change_agent(chef, by=by(nok), **fields)
    with pytest.raises(ValidationError):
        create_agent("Imp", by=by(nok), **fields)
    chef.refresh_from_db()
    assert chef.version == 1


@pytest.mark.parametrize("fields", [{"avatar_color": "red"}, {"max_turns": 0}, {"max_budget_usd": 0}, {"slug": ""}])
def test_invalid_fields_are_refused_by_the_database(chef, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agent.objects.filter(pk=chef.pk).update(**fields)


def test_change_with_an_old_version_raises_stale_version(nok, chef):
    change_agent(chef, by=by(nok), version=1, title="Cooks")
    with pytest.raises(StaleVersion) as stale:
        change_agent(chef, by=by(nok), version=1, title="Bakes")
    assert stale.value.current.title == "Cooks"


def test_change_event_has_old_and_new_values(nok, chef, events):
    change_agent(chef, by=by(nok), system_prompt=" Spicy. ", max_budget_usd=Decimal("0.0500"))
    (event,) = events.of(nok.home)
    assert (event.type, event.changes) == ("agent_updated", {"system_prompt": ["", "Spicy."]})


def test_the_last_active_agent_cannot_be_deactivated_or_removed(nok, pixie, chef):
    change_agent(pixie, by=by(nok), is_active=False)
    with pytest.raises(ActionError, match="Chef is the only agent awake"):
        change_agent(chef, by=by(nok), is_active=False)
    with pytest.raises(ActionError, match="Chef is the only agent awake"):
        remove_agent(chef, by=by(nok))
    change_agent(pixie, by=by(nok), is_active=True)
    assert not change_agent(chef, by=by(nok), is_active=False).is_active


def test_removing_an_unused_agent_unshares_blocks_and_records_event(nok, pixie, chef):
    household = MemoryBlock.objects.get(agent=pixie, label="household")
    share_block(household, chef, by=by(nok))
    remove_agent(chef, by=by(nok))
    assert list(Agent.objects.filter(home=nok.home)) == [pixie]
    household.refresh_from_db()
    assert not household.is_shared
    assert Event.objects.filter(home=nok.home, type="agent_removed").get().data["agent"]["slug"] == "chef"


def test_removing_a_used_agent_is_refused(nok, pixie, chef):
    open_assistant(chef, by=by(nok))
    with pytest.raises(ActionError, match="put it to sleep"):
        remove_agent(chef, by=by(nok))
    with pytest.raises(ActionError, match="put it to sleep"):
        remove_agent(pixie, by=by(nok))


def test_creating_more_than_20_agents_is_refused(nok, pixie):
    for number in range(19):
        create_agent(f"Imp {number}", by=by(nok))
    with pytest.raises(ActionError, match="20 agents"):
        create_agent("One more", by=by(nok))


def test_new_agent_starts_at_the_current_event(nok, pixie, chef):
    assert chef.enqueued_seq == Event.objects.get(home=nok.home, type="agent_created", subject_id=chef.pk).seq - 1
    assert Home.objects.get(pk=nok.home_id).last_seq > chef.enqueued_seq


def test_member_may_join_with_the_name_of_an_agent(nok, pixie, chef):
    """Names of agents do not keep anybody from joining."""
    assert move_in(nok, "Chef").name == "Chef"
