"""A home's own language model: its access, encrypted key, public address and budget."""

import time
from datetime import timedelta
from decimal import Decimal
from functools import partial

import httpcore2
import pytest
from django.test import Client
from django.urls import reverse

from homes.accounts.api.jwt import tokens_for
from pantry.errors import ActionError, Forbidden
from pixie.actions import choose_model
from pixie.llm import ErrorKind, ModelError, ModelRequest, Turn, Usage
from pixie.llm.access import Access, check_url, is_allowed_url, model_access, seal, unseal
from pixie.llm.clients import MAX_CLIENTS, get_client
from pixie.llm.routing import Tier
from pixie.models import ModelAccess, ModelPrice, Run, RunStep
from pixie.usage import costs
from tests.factories import by, run_concurrently
from tests.pixie import providers
from tests.pixie.providers import Call, ErrorReply, Reply
from tests.pixie.runs import MODEL_REQUEST, own_words, process_home, unchanged

KEY = "sk-ant-very-secret-7777"
FORM = {"provider": "", "key": "", "url": "", "small": "", "normal": "", "large": "", "monthly_budget_usd": ""}


def choose(member, **fields):
    return choose_model(by=by(member), **{"provider": "anthropic", "key": KEY, **fields})


def test_key_is_stored_encrypted_and_not_in_the_log(nok, events):
    access = choose(nok)
    assert (access.key_end, unseal(access.sealed_key)) == ("7777", KEY)
    (event,) = events.of(nok.home)
    assert event.type == "model_access_changed"
    assert KEY not in str(event.data) + str(event.changes) + access.sealed_key + repr(model_access(nok.home))
    assert "sealed" not in str(event.data) + str(event.changes)


def test_key_cannot_be_decrypted_with_another_secret(nok, settings):
    sealed = seal(KEY)
    settings.SECRET_KEY = "another"
    assert unseal(sealed) == ""


def test_plain_member_cannot_choose_a_model(ben):
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
def test_invalid_access_is_refused(nok, fields):
    with pytest.raises(ActionError):
        choose(nok, **fields)
    assert not ModelAccess.objects.exists()


def test_key_is_kept_but_dropped_with_another_address(nok):
    choose(nok)
    assert choose(nok, key="", monthly_budget_usd=Decimal(5)).key_end == "7777"
    moved_access = choose(
        nok, provider="compatible", key="", url="https://models.example.com/v1", models={"small": "llama"}
    )
    assert (moved_access.sealed_key, moved_access.key_end) == ("", "")
    assert choose(nok, provider="", key="").provider == ""
    assert model_access(nok.home) is None


def test_missing_sizes_use_the_nearest_model(nok):
    choose(nok, provider="compatible", url="https://models.example.com/v1", models={"normal": "llama"})
    assert set(model_access(nok.home).models.values()) == {"llama"}
    choose(nok, models={"large": "huge"})
    models = model_access(nok.home).models
    assert (models[Tier.SMALL], models[Tier.LARGE]) == ("claude-haiku-5-5", "huge")


def test_address_is_resolved_at_each_request(settings):
    assert is_allowed_url("https://localhost.example.com/v1")
    with pytest.raises(ModelError) as error:
        check_url("https://[::1]/v1")
    assert error.value.kind == ErrorKind.NOT_PUBLIC
    settings.PIXIE_INTRANET_HOSTS = ["ollama:11434"]
    check_url("http://ollama:11434/v1")


@pytest.mark.parametrize("answer", [["10.0.0.1"], ["8.8.8.8", "::1"], ["fec0::1"]])
def test_host_that_leads_into_a_private_network_is_refused(monkeypatch, answer):
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda *_arguments, **_options: [(0, 0, 0, "", (ip, 443)) for ip in answer]
    )
    with pytest.raises(ModelError) as error:
        check_url("https://models.example.com/v1")
    assert error.value.kind == ErrorKind.NOT_PUBLIC


def test_connection_goes_to_the_addresses_that_were_checked(nok, tell, monkeypatch, no_clients):
    """Even if the host name leads elsewhere a moment later."""
    answers = [["2607:f8b0::200a", "8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]]
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda *_arguments, **_options: [(0, 0, 0, "", (ip, 443)) for ip in answers.pop(0)],
    )
    connections = []

    def connect(_backend, host, port, **_options):
        connections.append((host, port))
        raise httpcore2.ConnectError

    monkeypatch.setattr("httpcore2.SyncBackend.connect_tcp", connect)
    access = Access("compatible", "https://models.example.com/v1", "sk", {Tier.SMALL: "llama"}, is_own=True)
    client = access.client()
    with pytest.raises(ModelError) as error:
        list(client.stream(ModelRequest("llama", "Be kind.", "", (Turn("Hello"),)), 5))
    assert error.value.kind == ErrorKind.DISCONNECTED
    assert connections == [("2607:f8b0::200a", 443), ("8.8.8.8", 443)]


def test_home_uses_its_own_server(nok, tell, provider, settings):
    with providers.OpenAI() as home_server:
        settings.PIXIE_INTRANET_HOSTS = [home_server.url.split("/")[2]]
        choose(nok, provider="compatible", url=home_server.url, key="sk-of-the-home", models={"small": "llama"})
        home_server.enqueue(Reply("Balloons."))
        assert tell(MODEL_REQUEST).body == unchanged("Balloons.")
        assert home_server.headers[0]["authorization"] == "Bearer sk-of-the-home"
        assert (provider.requests, Run.objects.get().route) == ([], "llama")
        get_client.cache_clear()


def test_unreadable_arguments_can_be_corrected(nok, tell, weekly, provider, settings):
    with providers.OpenAI() as home_server:
        settings.PIXIE_INTRANET_HOSTS = [home_server.url.split("/")[2]]
        choose(nok, provider="compatible", url=home_server.url, models={"small": "llama"})
        home_server.enqueue(
            Reply(calls=(Call("add_item", raw_arguments='{"name": "cak'),)),
            Reply(calls=(Call("add_item", {"name": "cake"}),)),
            Reply("Cake is on the list now."),
        )
        assert own_words(tell(MODEL_REQUEST)) == "Cake is on the list now."
        assert (
            home_server.requests[1]["messages"][-1]["content"] == "The arguments are no JSON object. Write them again."
        )
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
    clients = {}
    for number in [*range(MAX_CLIENTS), 0, MAX_CLIENTS]:
        client = use_client(f"c{number}")
        assert clients.setdefault(number, client) is client
    assert [number for number, client in clients.items() if client.is_closed()] == [1]


def test_clients_used_by_many_threads_at_once_are_never_closed_in_use(no_clients):
    def use_clients(thread):
        for number in range(40):
            client = get_client("compatible", "https://c.example/v1", f"{thread} {number}")
            time.sleep(0.001)
            assert not client.client.is_closed()

    run_concurrently(*[partial(use_clients, thread) for thread in range(8)])


# The page


def page(member):
    return reverse("pixie:model", args=[member.home_id])


def test_owner_chooses_a_model_on_the_page(nok, sign_in):
    client = sign_in(nok)
    answer = client.post(page(nok), {**FORM, "provider": "anthropic", "key": KEY, "monthly_budget_usd": "5"})
    assert (answer.status_code, answer.url) == (302, page(nok))
    html = client.get(page(nok)).content.decode()
    assert "…7777" in html and KEY not in html and ModelAccess.objects.get().sealed_key not in html
    assert "US$ 0.00 of 5.00" in " ".join(html.split())


def test_invalid_form_shows_the_error(nok, sign_in):
    answer = sign_in(nok).post(page(nok), {**FORM, "provider": "anthropic"})
    assert answer.status_code == 422
    assert "Anthropic needs a key." in answer.content.decode()


def test_budget_above_the_maximum_is_invalid(nok, sign_in):
    for text, status in (("1000000", 422), ("999999.99", 302)):
        assert sign_in(nok).post(page(nok), {**FORM, "monthly_budget_usd": text}).status_code == status


def test_plain_member_can_view_but_not_change_the_page(nok, ben, sign_in):
    client = sign_in(ben)
    html = client.get(page(nok)).content.decode()
    assert "An owner can change this." in html and 'name="key"' not in html
    client.post(page(nok), {**FORM, "provider": "anthropic", "key": KEY})
    assert not ModelAccess.objects.exists()


TRIALS = [
    (Reply("Hello"), "Answered: tiny, middling, huge."),
    (ErrorReply(401, "authentication_error"), "no longer accepts its key"),
]


@pytest.mark.parametrize(("entry", "text"), TRIALS)
def test_trying_the_model_shows_the_result(nok, sign_in, provider, entry, text):
    provider.respond = lambda _body: entry
    client = sign_in(nok)
    client.post(reverse("pixie:try_model", args=[nok.home_id]))
    assert text in client.get(page(nok)).content.decode()


# The budget


@pytest.fixture
def spent_budget(nok, pixie, agent_chat, provider, settings):
    """Set a monthly budget of a dollar, and spend all of it."""
    settings.PIXIE_MONTHLY_BUDGET_USD = Decimal(1)
    run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, status="completed")
    return RunStep.objects.create(run=run, step_number=1, model="tiny", cost_usd=Decimal(1))


def test_exceeded_budget_is_mentioned_once_and_local_answers_continue(tell, weekly, spent_budget, provider):
    assert tell("We need eggs").body == "Added Eggs to Weekly shop, under Dairy."
    first, second = tell(MODEL_REQUEST), tell(MODEL_REQUEST)
    assert "is used up. Lists and dates still work." in first.body
    assert "spent" not in second.body
    assert provider.requests == []


def test_exceeded_budget_is_mentioned_to_each_member(nok, ben, ploy, general, tell, weekly, spent_budget, provider):
    for who in (nok, ben, ploy):
        assert "is used up" in tell(f"Pixie, {MODEL_REQUEST}", who=who, where=general).body
        assert "is used up" not in tell(f"Pixie, {MODEL_REQUEST}", who=who, where=general).body


def test_spent_amount_is_exact_and_its_end_is_in_utc(nok, spent_budget):
    RunStep.objects.bulk_create(
        RunStep(run=spent_budget.run, home=nok.home, agent=spent_budget.agent, step_number=number, model="tiny",
                requested_at=spent_budget.requested_at, cost_usd=Decimal("0.00041"))
        for number in range(2, 22)
    )  # fmt: skip
    budget = post_message(nok, route="model").json()["error"]["budget"]
    assert (budget["spent_usd"], budget["renews_at"][-1]) == ("1.008200", "Z")


def test_budget_renews_each_month(nok, tell, spent_budget, provider):
    RunStep.objects.update(requested_at=costs.budget_of(nok.home).month - timedelta(seconds=1))
    provider.enqueue(Reply("Balloons."))
    assert tell(MODEL_REQUEST).body == unchanged("Balloons.")


def test_lower_budget_applies_unless_the_home_has_its_own_key(nok, settings):
    settings.PIXIE_MONTHLY_BUDGET_USD = Decimal(3)
    choose(nok, provider="", key="", monthly_budget_usd=Decimal(2))
    assert costs.budget_of(nok.home).limit == 2
    choose(nok, provider="", key="", monthly_budget_usd=Decimal(9))
    assert costs.budget_of(nok.home).limit == 3
    choose(nok, monthly_budget_usd=Decimal(9))
    assert costs.budget_of(nok.home).limit == 9


def post_message(member, **fields):
    client = Client(headers={"Authorization": f"Bearer {tokens_for(member.user, member)['token']}"})
    body = {"home_id": str(member.home_id), "message": MODEL_REQUEST, **fields}
    return client.post("/api/chat?wait=0", body, content_type="application/json")


def test_model_route_over_budget_returns_402(nok, spent_budget):
    answer = post_message(nok, route="model")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (402, "budget_spent")
    assert (error["budget"]["limit_usd"], error["budget"]["spent_usd"][:1]) == ("1", "1")
    assert error["budget"]["renews_at"] > str(costs.budget_of(nok.home).month.date())
    assert post_message(nok).status_code == 202


def test_model_route_without_a_model_returns_400(nok, agent_chat):
    answer = post_message(nok, route="model")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "refused")


def test_requested_route_is_used(nok, tell, weekly, provider, agent_chat):
    assert post_message(nok, route="local").status_code == 202
    process_home(nok.home_id)
    assert provider.requests == []
    post_message(nok, message="We need eggs", route="model")
    process_home(nok.home_id)
    assert len(provider.requests) == 1


# Prices and totals


def test_price_computes_the_cost_of_tokens():
    prices = {"input": "2", "output": "10", "cache_read": "0.1", "cache_write": "2.5"}
    price = ModelPrice(model="x", **{name: Decimal(value) for name, value in prices.items()})
    assert price.cost(1000, 2000, 10000, 500) == Decimal("0.013000")


def test_model_without_a_price_costs_nothing_and_is_listed(nok, spent_budget):
    assert costs.model_cost("nameless", Usage(uncached=1000)) == 0
    RunStep.objects.update(model="nameless")
    assert costs.unpriced_models() == ["nameless"]


def test_admin_lists_models_without_a_price(nok, spent_budget, settings):
    settings.ADMIN_TWO_STEP = False
    RunStep.objects.update(model="nameless")
    nok.user.is_staff = nok.user.is_superuser = True
    nok.user.save()
    client = Client()
    client.force_login(nok.user)
    page = client.get(reverse("admin:pixie_modelprice_changelist")).content.decode()
    assert "have no price, so they count as free: nameless." in page
