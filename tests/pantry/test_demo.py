"""The demo household: created once, with a consistent history of events."""

import io

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from chat.models import Message
from chat.unread import with_unread
from groceries import reports
from groceries.models import ListEntry
from homes.accounts import demo_accounts
from homes.accounts.models import User
from homes.actions import accept_invitation, invite
from homes.events.actor import Actor
from homes.events.models import Event, Origin
from homes.models import Home, Membership
from pantry import demo
from pixie.runs import confirmations, queue, undo
from tests.factories import by, found_home, person
from tests.state import State


@pytest.fixture
def home(demo_household):
    return demo_household


def member(name):
    return Membership.objects.select_related("user", "home").get(user__name=name)


def all_rows():
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in ("accounts", "events", "homes", "notifications", "groceries", "chat", "pixie")
    }


@pytest.mark.both_databases
def test_seeding_twice_changes_nothing(db):
    assert demo.seed() is True
    before = all_rows()
    assert demo.seed() is False
    assert all_rows() == before


def test_seeding_with_an_existing_demo_account_changes_nothing(db):
    User.objects.create_user(demo_accounts.EMAILS[1], "my own password", name="Another Ben")
    before = all_rows()
    assert demo.seed() is False
    assert all_rows() == before


@pytest.mark.both_databases
@pytest.mark.parametrize("name", ["Apartment 42", "Soi 11"])
def test_state_matches_the_events(home, name):
    home = Home.objects.get(name=name)
    state = State.empty()
    for event in Event.objects.filter(home=home).order_by("seq"):
        state.apply(event)
    assert state == State.fetched(home.pk)


def test_log_has_no_gaps_and_no_future_events(home):
    numbers = list(home.events.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, home.last_seq + 1))
    home.refresh_from_db()
    assert home.last_seq == len(numbers)
    assert not home.events.filter(created_at__gt=home.now()).exists()
    assert not Message.objects.filter(created_at__gt=home.now()).exists()
    assert not ListEntry.objects.filter(purchased_at__gt=home.now()).exists()


def test_messages_of_a_room_are_in_chronological_order(home):
    for channel in home.channels.all():
        times = list(Message.objects.filter(channel=channel).order_by("seq").values_list("created_at", flat=True))
        assert times == sorted(times)


@pytest.mark.both_databases
def test_members_have_read_all_but_the_last_hour(home):
    unread = {name: sum(with_unread(member(name)).values_list("unread", flat=True)) for name in ("Nok", "Ben", "Ploy")}
    assert unread == {"Nok": 2, "Ben": 1, "Ploy": 2}
    assert sum(with_unread(member("Mai")).values_list("unread", flat=True)) == 0


def test_pixie_has_answered_all_of_it(home):
    assert home.pk not in queue.homes_with_work()
    before = home.last_seq
    assert queue.process_home(home.pk) == 0
    home.refresh_from_db()
    assert home.last_seq == before


def test_pixies_change_can_be_undone_once(home):
    answers = [message for message in Message.objects.filter(home=home) if message.metadata.get("receipt")]
    assert len(answers) == 1
    entry = ListEntry.objects.get(item__name="Jasmine rice", state="pending")
    nok = Actor.of(member("Nok"))
    undo.undo_message(answers[0], by=nok)
    entry.refresh_from_db()
    assert entry.state == "removed"
    with pytest.raises(confirmations.ActionError):
        undo.undo_message(answers[0], by=nok)


def test_pixies_answer_matches_the_list(home):
    current = home.lists.current()
    assert current.entries.pending().count() == 12
    assert Message.objects.filter(body__startswith="12 items are on Weekly shop").count() == 1


def test_its_money_stays_within_its_budget(home):
    assert 0 < sum(reports.total_spent(period) for period in months(home)) < home.monthly_budget * 2


def months(home):
    month = reports.Period.month(home)
    return [month, month.previous_month()]


def sign_in_on_the_page(client, email):
    response = client.post("/accounts/login/", {"login": email, "password": demo_accounts.PASSWORD})
    return response.status_code == 302 and "_auth_user_id" in client.session


@pytest.mark.both_databases
@pytest.mark.parametrize("email", demo_accounts.EMAILS)
def test_members_can_sign_in_and_open_every_page(home, email):
    client = Client()
    assert sign_in_on_the_page(client, email)
    home_id = Membership.objects.get(user__email=email).home_id
    pages = ["pixie:today", "groceries:current", "groceries:lists", "groceries:recurring", "groceries:money"]
    for name in [*pages, "chat:chat", "chat:new_room", "homes:home"]:
        assert client.get(reverse(name, args=[home_id]), follow=True).status_code == 200
    for channel in with_unread(Membership.objects.get(user__email=email)):
        assert client.get(f"/h/{home_id}/chat/{channel.pk}/").status_code == 200


def test_private_room_is_hidden_from_ben(home):
    presents = home.channels.get(name="presents")
    readers = [name for name in ("Nok", "Ben", "Ploy") if presents in home.channels.visible_to(member(name))]
    assert readers == ["Nok", "Ploy"]


@pytest.mark.both_databases
def test_command_prints_the_accounts(db):
    outputs = [io.StringIO(), io.StringIO()]
    for out in outputs:
        call_command("seed_demo", stdout=out)
    assert outputs[0].getvalue().startswith("Created the demo household.\n")
    assert outputs[1].getvalue().startswith("The demo household exists already.\n")
    for out in outputs:
        assert f"(password “{demo_accounts.PASSWORD}”): {', '.join(sorted(demo_accounts.EMAILS))}" in out.getvalue()


def test_command_with_verbosity_zero_prints_nothing(db):
    out = io.StringIO()
    call_command("seed_demo", verbosity=0, stdout=out)
    assert out.getvalue() == ""
    assert User.objects.count() == 4


def test_demo_has_no_administrator(home):
    assert not User.objects.filter(Q(is_staff=True) | Q(is_superuser=True)).exists()


def rows():
    """Return the number of rows of every model with any."""
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return {model._meta.label: count for model in models if (count := model._default_manager.count())}


@pytest.mark.django_db(transaction=True)
def test_removing_the_demo_leaves_nothing():
    before = rows()
    demo.seed()
    out = io.StringIO()
    call_command("remove_demo", stdout=out)
    assert rows() == before
    assert out.getvalue() == "Deleted the demo household.\n"


@pytest.mark.django_db(transaction=True)
def test_removing_the_demo_keeps_homes_of_others():
    mai = person("Another Mai")
    own = found_home(mai, "Real home")
    demo.seed()
    nok, apartment = User.objects.get(email=demo_accounts.EMAILS[0]), Home.objects.get(name="Apartment 42")
    for owner, newcomer in ((own, nok), (apartment.memberships.get(user=nok), mai)):
        accept_invitation(invite(by=by(owner))[1], newcomer, origin=Origin.API)
    out = io.StringIO()
    call_command("remove_demo", stdout=out)
    assert set(Home.objects.values_list("name", flat=True)) == {"Real home", "Apartment 42"}
    assert demo_accounts.EMAILS[0] in out.getvalue()
    assert not demo.open_accounts()
    assert not sign_in_on_the_page(Client(), demo_accounts.EMAILS[0])
