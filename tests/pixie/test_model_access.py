"""A home's own language model: chosen by an owner, its key sealed, its address public, its budget kept."""

import time
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from homes.accounts.api.tokens import tokens_for
from pantry.errors import ActionError, Forbidden
from pixie.actions import choose_model
from pixie.llm import ErrorKind, ModelError, Usage
from pixie.llm.access import Tier, check_url, is_allowed_url, model_access, seal, unseal
from pixie.llm.clients import MAX_CLIENTS, get_client
from pixie.models import ModelAccess, ModelPrice, Run, RunStep
from pixie.usage import costs
from tests.factories import by, run_concurrently
from tests.pixie import providers
from tests.pixie.providers import Fails, Says, Wants
from tests.pixie.test_thinking import HARD

KEY = "sk-ant-very-secret-7777"
FORM = {"provider": "", "key": "", "url": "", "small": "", "normal": "", "large": "", "monthly_budget_usd": ""}


def choose(member, **fields):
    return choose_model(by=by(member), **{"provider": "anthropic", "key": KEY, **fields})


def test_the_key_is_sealed_and_told_to_nobody(nok, events):
    access = choose(nok)
    assert (access.key_end, unseal(access.sealed_key)) == ("7777", KEY)
    (event,) = events.of(nok.home)
    assert event.type == "model_access_changed"
    assert KEY not in str(event.data) + str(event.changes) + access.sealed_key + repr(model_access(nok.home))
    assert "sealed" not in str(event.data) + str(event.changes)


def test_with_another_secret_the_key_is_gone(nok, settings):
    sealed = seal(KEY)
    settings.SECRET_KEY = "another"
    assert unseal(sealed) == ""


def test_members_do_not_choose(ben):
    with pytest.raises(Forbidden):
        choose(ben)
    assert not ModelAccess.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"key": ""},
        {"key": "sk ant"},
        {"key": "กขค"},
        {"provider": "someone"},
        {"provider": "compatible", "url": "https://models.example.com/v1"},
        {"provider": "compatible", "url": "", "models": {"small": "llama"}},
        {"provider": "compatible", "url": "http://models.example.com/v1", "models": {"small": "llama"}},
        {"provider": "compatible", "url": "https://127.0.0.1/v1", "models": {"small": "llama"}},
        {"url": "https://10.0.0.7"},
        {"url": "https://me:secret@models.example.com"},
    ],
)
def test_what_could_not_work_is_refused(nok, fields):
    with pytest.raises(ActionError):
        choose(nok, **fields)
    assert not ModelAccess.objects.exists()


def test_a_key_stays_but_goes_to_no_other_address(nok):
    choose(nok)
    assert choose(nok, key="", monthly_budget_usd=Decimal(5)).key_end == "7777"
    moved = choose(nok, provider="compatible", key="", url="https://models.example.com/v1", models={"small": "llama"})
    assert (moved.sealed_key, moved.key_end) == ("", "")
    assert choose(nok, provider="", key="").provider == ""
    assert model_access(nok.home) is None


def test_sizes_without_a_name_take_the_nearest(nok):
    choose(nok, provider="compatible", url="https://models.example.com/v1", models={"normal": "llama"})
    assert set(model_access(nok.home).models.values()) == {"llama"}
    choose(nok, models={"large": "huge"})
    named = model_access(nok.home).models
    assert (named[Tier.SMALL], named[Tier.LARGE]) == ("claude-haiku-5-5", "huge")


def test_where_an_address_leads_is_looked_up_each_time(settings):
    assert is_allowed_url("https://localhost.example.com/v1")
    with pytest.raises(ModelError) as caught:
        check_url("https://[::1]/v1")
    assert caught.value.kind == ErrorKind.NOT_PUBLIC
    settings.PIXIE_INTRANET_HOSTS = ["ollama:11434"]
    check_url("http://ollama:11434/v1")


def test_a_home_asks_its_own_server(nok, tell, provider, settings):
    with providers.OpenAI() as own:
        settings.PIXIE_INTRANET_HOSTS = [own.url.split("/")[2]]
        choose(nok, provider="compatible", url=own.url, key="sk-of-the-home", models={"small": "llama"})
        own.plays(Says("Balloons."))
        assert tell(HARD).body == "Balloons."
        assert own.headers[0]["authorization"] == "Bearer sk-of-the-home"
        assert (provider.asked, Run.objects.get().route) == ([], "llama")
        get_client.cache_clear()


def test_arguments_that_can_not_be_read_may_be_written_again(nok, tell, weekly, provider, settings):
    with providers.OpenAI() as own:
        settings.PIXIE_INTRANET_HOSTS = [own.url.split("/")[2]]
        choose(nok, provider="compatible", url=own.url, models={"small": "llama"})
        own.plays(
            Says(calls=(Wants("add_item", written='{"name": "cak'),)),
            Says(calls=(Wants("add_item", {"name": "cake"}),)),
            Says("Cake is on the list now."),
        )
        assert tell(HARD).body == "Cake is on the list now."
        assert own.asked[1]["messages"][-1]["content"] == "The arguments are no JSON object. Write them again."
        assert Run.objects.get().steps.count() == 3
        get_client.cache_clear()


# The clients of providers


@pytest.fixture
def no_clients():
    get_client.cache_clear()
    yield
    get_client.cache_clear()


def use_client(name):
    """Use the client of a server and return the SDK's client, without keeping ours."""
    return get_client("compatible", f"https://{name}.example/v1", "sk").client


def test_client_that_is_in_use_is_not_closed_when_many_others_are_used(no_clients):
    streaming = get_client("compatible", "https://a.example/v1", "sk-a")
    connection, idle = streaming.client, use_client("b")
    newest = [use_client(f"c{number}") for number in range(MAX_CLIENTS)][-1]
    assert (connection.is_closed(), idle.is_closed(), newest.is_closed()) == (False, True, False)
    get_client.cache_clear()
    assert (connection.is_closed(), newest.is_closed()) == (False, True)
    del streaming
    assert connection.is_closed()


def test_client_is_kept_and_the_least_recently_used_is_closed_first(no_clients):
    seen = {}
    for number in [*range(MAX_CLIENTS), 0, MAX_CLIENTS]:
        client = use_client(f"c{number}")
        assert seen.setdefault(number, client) is client
    assert [number for number, client in seen.items() if client.is_closed()] == [1]


def test_clients_used_by_many_threads_at_once_are_never_closed_in_use(no_clients):
    def use(thread):
        for number in range(40):
            client = get_client("compatible", "https://c.example/v1", f"{thread} {number}")
            time.sleep(0.001)
            assert not client.client.is_closed()

    run_concurrently(*[partial(use, thread) for thread in range(8)])


# The page


def page(member):
    return reverse("pixie:model", args=[member.home_id])


def test_an_owner_chooses_on_the_page(nok, sign_in):
    client = sign_in(nok)
    answer = client.post(page(nok), {**FORM, "provider": "anthropic", "key": KEY, "monthly_budget_usd": "5"})
    assert (answer.status_code, answer.url) == (302, page(nok))
    shown = client.get(page(nok)).content.decode()
    assert "…7777" in shown and KEY not in shown and ModelAccess.objects.get().sealed_key not in shown
    assert "US$ 0.00 of 5.00" in " ".join(shown.split())


def test_what_is_wrong_stands_on_the_page(nok, sign_in):
    answer = sign_in(nok).post(page(nok), {**FORM, "provider": "anthropic"})
    assert answer.status_code == 422
    assert "Anthropic needs a key." in answer.content.decode()


def test_more_than_can_be_kept_is_no_limit(nok, sign_in):
    for said, status in (("1000000", 422), ("999999.99", 302)):
        assert sign_in(nok).post(page(nok), {**FORM, "monthly_budget_usd": said}).status_code == status


def test_members_look_and_change_nothing(nok, ben, sign_in):
    client = sign_in(ben)
    shown = client.get(page(nok)).content.decode()
    assert "An owner can change this." in shown and 'name="key"' not in shown
    client.post(page(nok), {**FORM, "provider": "anthropic", "key": KEY})
    assert not ModelAccess.objects.exists()


TRIED = [
    (Says("Hello"), "Answered: tiny, middling, huge."),
    (Fails(401, "authentication_error"), "no longer accepts its key"),
]


@pytest.mark.parametrize(("entry", "said"), TRIED)
def test_trying_it_out_says_kindly_what_came_of_it(nok, sign_in, provider, entry, said):
    provider.brain = lambda _body: entry
    client = sign_in(nok)
    client.post(reverse("pixie:try_model", args=[nok.home_id]))
    assert said in client.get(page(nok)).content.decode()


# The budget


@pytest.fixture
def spent(nok, pixie, talk, provider, settings):
    """A month's budget of a dollar, all of it spent."""
    settings.PIXIE_MONTHLY_BUDGET_USD = Decimal(1)
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, status="completed")
    return RunStep.objects.create(run=run, step_number=1, model="tiny", cost_usd=Decimal(1))


def test_the_home_is_told_once_and_local_understanding_goes_on(tell, weekly, spent, provider):
    assert tell("We need eggs").body == "Added Eggs to Weekly shop, under Dairy."
    first, second = tell(HARD), tell(HARD)
    assert "is used up. Lists and dates still work." in first.body
    assert "spent" not in second.body
    assert provider.asked == []


def test_a_new_month_a_new_budget(nok, tell, spent, provider):
    RunStep.objects.update(asked_at=costs.budget_of(nok.home).month - timedelta(seconds=1))
    provider.plays(Says("Balloons."))
    assert tell(HARD).body == "Balloons."


def test_of_two_limits_the_lower_holds_unless_the_home_pays(nok, settings):
    settings.PIXIE_MONTHLY_BUDGET_USD = Decimal(3)
    choose(nok, provider="", key="", monthly_budget_usd=Decimal(2))
    assert costs.budget_of(nok.home).limit == 2
    choose(nok, provider="", key="", monthly_budget_usd=Decimal(9))
    assert costs.budget_of(nok.home).limit == 3
    choose(nok, monthly_budget_usd=Decimal(9))
    assert costs.budget_of(nok.home).limit == 9


def say(member, **fields):
    client = Client(headers={"Authorization": f"Bearer {tokens_for(member.user, member)['token']}"})
    body = {"home_id": str(member.home_id), "message": HARD, **fields}
    return client.post("/api/chat?wait=0", body, content_type="application/json")


def test_who_wants_the_model_hears_that_it_is_spent(nok, spent):
    answer = say(nok, route="model")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (402, "budget_spent")
    assert (error["budget"]["limit_usd"], error["budget"]["spent_usd"][:1]) == ("1", "1")
    assert error["budget"]["renews_at"] > str(costs.budget_of(nok.home).month.date())
    assert say(nok).status_code == 202


def test_who_wants_a_model_where_there_is_none_is_told(nok, talk):
    answer = say(nok, route="model")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "refused")


def test_who_says_how_is_obeyed(nok, tell, weekly, provider, talk):
    from pixie.runs import queue

    assert say(nok, route="local").status_code == 202
    queue.process_home(nok.home_id)
    assert provider.asked == []
    say(nok, message="We need eggs", route="model")
    queue.process_home(nok.home_id)
    assert len(provider.asked) == 1


# Prices and totals


def test_what_a_price_makes_of_tokens():
    known = {"input": "2", "output": "10", "cache_read": "0.1", "cache_write": "2.5"}
    price = ModelPrice(model="x", **{name: Decimal(value) for name, value in known.items()})
    assert price.cost(1000, 2000, 10000, 500) == Decimal("0.013000")


def test_a_model_without_a_price_is_free_and_known_as_such(nok, spent):
    assert costs.model_cost("nameless", Usage(uncached=1000)) == 0
    RunStep.objects.update(model="nameless")
    assert costs.unpriced_models() == ["nameless"]


def test_the_back_office_says_what_has_no_price(nok, spent):
    RunStep.objects.update(model="nameless")
    nok.user.is_staff = nok.user.is_superuser = True
    nok.user.save()
    client = Client()
    client.force_login(nok.user)
    page = client.get(reverse("admin:pixie_modelprice_changelist")).content.decode()
    assert "have no price, so they count as free: nameless." in page
