"""Who may be called into life, changed, put to sleep and removed; and by what name."""

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
from tests.cast import by, move_in


@pytest.fixture
def chef(nok, pixie):
    return create_agent("Chef", by=by(nok))


def test_it_comes_with_blocks_of_its_own_and_everybody_is_told(nok, pixie, events):
    chef = create_agent("Chef", by=by(nok), title="Plans the meals", avatar_color="clay", max_turns=3)
    assert (chef.slug, chef.title, chef.avatar_color, chef.max_turns, chef.is_active) == (
        "chef", "Plans the meals", "clay", 3, True,
    )  # fmt: skip
    assert events(nok.home) == ["agent_created", *["memory_block_created"] * 3]
    assert set(MemoryBlock.objects.filter(agent=chef).values_list("label", flat=True)) == set(MemoryBlock.LABELS)


def test_only_owners_decide(nok, ben, pixie, chef, events):
    for act in (
        lambda: create_agent("Imp", by=by(ben)),
        lambda: change_agent(chef, by=by(ben), title="Boss"),
        lambda: remove_agent(chef, by=by(ben)),
    ):
        with pytest.raises(Forbidden, match="Only an owner"):
            act()
    assert events(nok.home) == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Goblin (the cook)", "goblin-the-cook"), ("แม่บ้าน", "แม่บ้าน"), ("🦊", "agent"), ("  Mr.  Fox ", "mr-fox")],
)
def test_each_has_a_name_to_be_mentioned_by(nok, pixie, name, slug):
    assert create_agent(name, by=by(nok)).slug == slug


def test_names_that_cannot_be_typed_are_counted(nok, pixie):
    assert [create_agent(name, by=by(nok)).slug for name in ("🦊", "🐸", "🐢")] == ["agent", "agent-2", "agent-3"]


@pytest.mark.parametrize("name", ["Pixie", "PIXIE", "Ben", "ben!", "@pixie", "", " \u200b ", "\x00"])
def test_nobody_is_called_like_somebody_else(nok, ben, pixie, name):
    with pytest.raises(ActionError):
        create_agent(name, by=by(nok))
    assert Agent.objects.count() == 1


def test_a_name_is_kept_when_nothing_else_changes(nok, chef):
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
def test_what_no_agent_can_have_is_refused(nok, pixie, chef, fields):
    with pytest.raises(ValidationError):
        change_agent(chef, by=by(nok), **fields)
    with pytest.raises(ValidationError):
        create_agent("Imp", by=by(nok), **fields)
    chef.refresh_from_db()
    assert chef.version == 1


@pytest.mark.parametrize("fields", [{"avatar_color": "red"}, {"max_turns": 0}, {"max_budget_usd": 0}, {"slug": ""}])
def test_the_database_takes_no_such_agent_either(chef, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agent.objects.filter(pk=chef.pk).update(**fields)


def test_who_saw_an_older_one_is_told_the_current_one(nok, chef):
    change_agent(chef, by=by(nok), version=1, title="Cooks")
    with pytest.raises(StaleVersion) as stale:
        change_agent(chef, by=by(nok), version=1, title="Bakes")
    assert stale.value.current.title == "Cooks"


def test_a_change_says_what_was_before(nok, chef, events):
    change_agent(chef, by=by(nok), system_prompt=" Spicy. ", max_budget_usd=Decimal("0.0500"))
    (told,) = events.of(nok.home)
    assert (told.type, told.changes) == ("agent_updated", {"system_prompt": ["", "Spicy."]})


def test_somebody_stays_awake(nok, pixie, chef):
    change_agent(pixie, by=by(nok), is_active=False)
    with pytest.raises(ActionError, match="Chef is the only agent awake"):
        change_agent(chef, by=by(nok), is_active=False)
    with pytest.raises(ActionError, match="Chef is the only agent awake"):
        remove_agent(chef, by=by(nok))
    change_agent(pixie, by=by(nok), is_active=True)
    assert not change_agent(chef, by=by(nok), is_active=False).is_active


def test_who_was_never_spoken_with_is_removed_with_what_it_had_in_mind(nok, pixie, chef):
    household = MemoryBlock.objects.get(agent=pixie, label="household")
    share_block(household, chef, by=by(nok))
    remove_agent(chef, by=by(nok))
    assert list(Agent.objects.filter(home=nok.home)) == [pixie]
    household.refresh_from_db()
    assert not household.is_shared
    assert Event.objects.filter(home=nok.home, type="agent_removed").get().data["agent"]["slug"] == "chef"


def test_who_was_spoken_with_stays(nok, pixie, chef):
    open_assistant(chef, by=by(nok))
    with pytest.raises(ActionError, match="put it to sleep"):
        remove_agent(chef, by=by(nok))
    with pytest.raises(ActionError, match="put it to sleep"):
        remove_agent(pixie, by=by(nok))


def test_a_home_has_room_for_so_many(nok, pixie):
    for number in range(19):
        create_agent(f"Imp {number}", by=by(nok))
    with pytest.raises(ActionError, match="20 agents"):
        create_agent("One more", by=by(nok))


def test_who_comes_later_hears_nothing_of_before(nok, pixie, chef):
    assert chef.mail_seq == Event.objects.get(home=nok.home, type="agent_created", subject_id=chef.pk).seq - 1
    assert Home.objects.get(pk=nok.home_id).last_seq > chef.mail_seq


def test_a_member_who_comes_later_may_be_called_alike(nok, pixie, chef):
    """Nobody is kept out for their name."""
    assert move_in(nok, "Chef").name == "Chef"
