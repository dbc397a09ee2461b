"""The `pixie` command, as people and scripts run it."""

import json
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from queue import Queue
from uuid import uuid4

import pytest
from pantry_pixie.chat import Thread
from pantry_pixie.command import app, chat
from pantry_pixie.command.chat import Display
from pantry_pixie.command.groceries import describe_recurring
from pantry_pixie.events import EphemeralEvent, Event
from pantry_pixie.groceries import ItemSummary, RecurringItem
from pantry_pixie.people import Home
from typer.testing import CliRunner

from tests.groceries.test_recipes_parsing import MICRODATA
from tests.server import MAI, NOK, PASSWORD, Server
from tests.services import free_port
from tests.web_pages import WebPages

PIXIE = str(Path(sys.executable).with_name("pixie"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty config folder, in place of the developer's own."""
    for name in ("PIXIE_URL", "PIXIE_TOKEN", "PIXIE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path / "pantry-pixie"


@pytest.fixture
def run(folder, server):
    """`run("add", "milk")` returns the result. `stdin` is typed into it."""

    def run(*words, stdin="", code=0):
        result = CliRunner().invoke(app, list(words), input=stdin)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def pixie(run, server):
    """`run`, signed in as Nok."""
    run("login", NOK, "--url", server.url, stdin=f"{PASSWORD}\n")
    return run


@pytest.fixture
def shop(pixie, weekly):
    """`run`, signed in as Nok, whose newest list is empty."""
    return pixie


def parse(result):
    return json.loads(result.stdout)


# Signing in


def test_login_stores_the_session_readable_by_its_owner_only(run, server, folder):
    result = run("login", NOK, "--url", server.url, stdin=f"{PASSWORD}\n")
    assert "Hello Nok" in result.stdout
    file = folder / "session.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert PASSWORD not in file.read_text()
    assert [each.name for each in folder.iterdir()] == ["session.json"]


def test_login_has_no_password_argument(run):
    assert "password" not in " ".join(line for line in run("login", "--help").stdout.splitlines() if "--" in line)


def test_login_with_a_wrong_password_fails(run, server):
    result = run("login", NOK, "--url", server.url, stdin="wrong\n", code=3)
    assert "Wrong email or password" in result.stderr
    run("homes", code=3)


def test_login_without_a_password_is_a_usage_error(run, server):
    run("login", NOK, "--url", server.url, stdin="", code=2)


def test_logout_revokes_the_tokens(pixie, folder, server):
    before = (folder / "session.json").read_text()
    pixie("logout")
    assert json.loads((folder / "session.json").read_text())["token"] is None
    pixie("homes", code=3)
    (folder / "session.json").write_text(before)
    pixie("homes", code=3)


def test_refreshed_token_is_stored(pixie, folder):
    file = folder / "session.json"
    session = json.loads(file.read_text())
    file.write_text(json.dumps({**session, "token": "over"}))
    pixie("homes")
    assert json.loads(file.read_text())["token"] not in ("over", session["token"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_personal_token_is_read_from_the_environment(run, server, nok, monkeypatch):
    made = nok.tokens.create("script", ["read"], PASSWORD)
    monkeypatch.setenv("PIXIE_TOKEN", made.key)
    monkeypatch.setenv("PIXIE_URL", server.url)
    assert "Apartment 42" in run("homes").stdout
    monkeypatch.setenv("PIXIE_HOME", "Apartment 42")
    assert "write" in run("add", "milk", code=1).stderr


# Homes


def test_use_chooses_a_home(pixie, nok, home):
    nok.homes.create("Boat of Nok")
    assert {each["name"] for each in parse(pixie("homes", "--json"))} >= {"Apartment 42", "Boat of Nok"}
    pixie("list", code=1)  # which one?
    pixie("use", "apart")
    pixie("list")
    assert "* Apartment 42" in " ".join(pixie("homes").stdout.split())
    assert "no home “castle”" in pixie("use", "castle", code=1).stderr


# The list


@pytest.fixture(autouse=True)
def at_apartment(monkeypatch, request):
    if "shop" in request.fixturenames:
        request.getfixturevalue("pixie")
        monkeypatch.setenv("PIXIE_HOME", "Apartment 42")


def test_add_puts_things_on_the_list(shop):
    assert "2 dozen eggs is on weekly shop." in shop("add", "2 dozen eggs", "milk").stdout.lower()
    rows = parse(shop("list", "--json"))["items"]
    assert {(row["item"]["name"].lower(), row["quantity"], row["unit"]) for row in rows} >= {("eggs", "2", "dozen")}
    display = shop("list").stdout
    assert "2 dozen" in display
    assert "2 to get" in display


def test_add_of_an_amount_alone_is_a_usage_error(shop):
    assert 'pixie add "2 eggs"' in shop("add", "2", "eggs", code=2).stderr
    assert parse(shop("list", "--json"))["items"] == []


def test_got_purchases_an_entry_with_its_price(shop):
    shop("add", "6 eggs", "milk")
    [bought] = parse(shop("got", "EGGS", "--price", "45", "--json"))
    assert (bought["state"], bought["price_paid"]) == ("purchased", "45")
    assert "✓" in shop("list").stdout
    assert "not there" in shop("got", "caviar", code=1).stderr
    shop("got", "milk", "--price", "much", code=2)


def test_ambiguous_name_fails_without_a_terminal(shop):
    shop("add", "red wine", "white wine")
    assert "Which one" in shop("got", "wine", code=1).stderr
    shop("remove", "red wine")
    assert [row["item"]["name"].lower() for row in parse(shop("list", "--json"))["items"]] == ["white wine"]


def test_undo_repeated_undoes_earlier_changes(shop):
    shop("add", "eggs")
    shop("add", "milk")
    shop("got", "milk")

    def states():
        return {row["item"]["name"].lower(): row["state"] for row in parse(shop("list", "--json"))["items"]}

    shop("undo")
    assert states() == {"eggs": "pending", "milk": "pending"}
    shop("undo")
    assert states() == {"eggs": "pending"}
    shop("undo")
    assert states() == {}
    shop("undo", "1", code=1)


def test_search_finds_messages(shop, nok, home):
    room = next(each for each in nok.channels.list(home).results if each.name == "general")
    nok.messages.send(home, room, "The locksmith is 555 1234")
    [result] = parse(shop("search", "locksmith", "from:nok", "--json"))
    assert (result["kind"], result["where"], result["author"]) == ("message", "#general", "Nok")
    assert "Nok: The locksmith is 555 1234" in shop("search", "ocksmit").stdout
    assert "Nothing was found" in shop("search", "zebra crossing").stdout


def test_recurring_sets_lists_and_stops_items(shop):
    rule = parse(shop("recurring", "5 kg rice", "--every", "monthly", "--json"))
    assert (rule["quantity"], rule["unit"], rule["frequency"]) == ("5", "kg", "monthly")
    assert "monthly" in shop("recurring").stdout
    shop("recurring", "rice", "--stop")
    assert rule["id"] not in {each["id"] for each in parse(shop("recurring", "--json"))}
    shop("recurring", "rice", code=2)
    shop("recurring", "rice", "--skip", "--stop", code=2)
    shop("recurring", "rice", "--every", "hour", code=2)


def test_pantry_is_filled_used_and_kept(shop):
    assert (
        "1.5 liter Pantry cream, best before 5 February 2027, fridge is at home."
        in shop("pantry", "1.5 l pantry cream", "--add", "--before", "2027-02-05", "--place", "fridge").stdout
    )
    assert (
        "Pantry cream: 1.5 liter, best before 5 February 2027, at least 1 liter"
        in shop("pantry", "1 l pantry cream", "--keep").stdout
    )
    assert "It is on the list." in shop("pantry", "600 ml pantry cream", "--use").stdout
    assert "Pantry cream: 0.9 liter" in shop("pantry").stdout
    shop("undo")
    assert "Pantry cream: 1.5 liter" in shop("pantry").stdout
    assert "at least" not in shop("pantry", "pantry cream", "--keep").stdout
    shop("pantry", "2 l pantry cream", "--use", code=1)
    assert parse(shop("pantry", "pantry cream", "--used-up", "--json"))["amounts"] == []
    shop("pantry", "pantry cream", "--used-up", code=1)
    assert "Ham, best before 1 January 2026" in shop("pantry", "ham", "--add", "--before", "2026-01-01").stdout
    assert "1 Ham" in shop("pantry", "--soon").stdout
    shop("pantry", "sour cherries", "--add")
    assert "but Sour cherries" in shop("pantry", "cherries", "--used-up", code=1).stderr
    assert "Sour cherries" in shop("pantry").stdout
    for words in (
        ["ham"],
        ["ham", "--add", "--use"],
        ["ham", "--use"],
        ["--soon", "--add"],
        ["ham", "--use", "--place", "x"],
    ):
        shop("pantry", *words, code=2)
    shop("pantry", "ham", "--add", "--place", "garage", code=2)


def test_low_answers_for_one_thing(shop, nok, home):
    item = nok.items.create(home, "Low milk")
    nok.forecasts.refuse(home, item)
    assert "Low milk, never suggested" in shop("low", "--all").stdout
    assert parse(shop("low", "low milk", "--again", "--json"))["has_forecasts"] is True
    shop("undo")
    assert "Low milk" not in shop("low").stdout
    assert parse(shop("low", "low milk", "--add", "--json"))["item"]["name"] == "Low milk"
    shop("low", "unicorn", "--never", code=1)
    shop("low", "low milk", code=2)
    shop("low", "low milk", "--add", "--never", code=2)


def test_file_of_another_product_is_taken(shop, tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes("Artikel;Menge;Einheit;Erledigt\nJalapeños;1,5;kg;\nMilch;2;l;ja\n".encode("cp1252"))
    assert shop("take", str(file), "--dry-run").stdout == "1.5 kg Jalapeños\n2 liter Milch is bought\n"
    assert "1.5 kg Jalapeños is on " in shop("take", str(file)).stdout
    file.write_bytes("Item\nTea\n".encode("utf-16"))
    assert [row["item"]["name"] for row in parse(shop("take", str(file), "--json"))["results"]] == ["Tea"]
    file.write_bytes(b"PK\x81")
    assert "isn't a text" in shop("take", str(file), code=2).stderr
    assert "There is no file" in shop("take", str(tmp_path / "other.csv"), code=2).stderr


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory):
    """A server that may read pages of the local one, which has a recipe."""
    with WebPages() as web:
        web.add("/pancakes", MICRODATA)
        web.add("/stew", MICRODATA.replace("4 servings", "a pot"))
        folder = tmp_path_factory.mktemp("kitchen") / "data"
        with Server(folder, settings={"RECIPE_INTRANET_HOSTS": web.host}) as server:
            yield server, web


def test_recipe_of_a_web_page_is_taken(run, kitchen):
    server, web = kitchen
    run("login", NOK, "--url", server.url, stdin=f"{PASSWORD}\n")
    page = f"{web.url}/pancakes"
    assert run("take", page, "--dry-run").stdout == "200 g flour\n3 eggs\n"
    assert run("take", page, "--portions", "6", "--dry-run").stdout == "300 g flour\n4.5 eggs\n"
    assert "g Flour is on " in run("take", page).stdout
    assert "leave out --portions" in run("take", f"{web.url}/stew", "--portions", "6", code=2).stderr
    assert "on the public internet" in run("take", "http://127.0.0.1:1/", code=1).stderr
    assert "--portions is for" in run("take", __file__, "--portions", "6", code=2).stderr


def test_things_are_assigned(shop):
    shop("add", "wine", "2 l milk")
    assert shop("assign", "wine", "milk", "--to", "ben").stdout == "Ben gets 1 Wine.\nBen gets 2 liter Milk.\n"
    assert shop("assign", "wine").stdout == "Anybody can get 1 Wine.\n"
    assert "must be one of" in shop("assign", "milk", "--to", "Mai", code=2).stderr


def test_lists_are_copied_renamed_cleared_and_deleted(shop):
    shop("new", "Basics", "--template")
    shop("new", "Stock")
    shop("add", "milk", "eggs", "--list", "Stock")
    shop("new", "Brunch", "--from", "Stock")
    assert "Brunch of " in shop("lists").stdout.splitlines()[0]
    shop("clear", "--list", "Brunch")
    assert parse(shop("list", "--list", "Brunch", "--json"))["items"] == []
    shop("undo")
    assert len(parse(shop("list", "--list", "Brunch", "--json"))["items"]) == 2
    shop("move", "milk", "--to", "Stock", "--list", "Brunch")
    shop("rename", "Brunch", "Supper")
    shop("archive", "Supper")
    assert "Supper" in shop("lists", "--archived").stdout
    shop("restore", "Supper")
    shop("delete", "Supper", stdin="n\n", code=1)
    shop("delete", "Supper", "--yes")
    shop("undo")
    assert [row["item"]["name"] for row in parse(shop("list", "--list", "Supper", "--json"))["items"]] == ["Eggs"]


def test_list_option_asks_which_of_two_lists_of_one_name(shop, nok, home):
    nok.lists.create(home, name="Twins")
    nok.lists.create(home, name="Twins")
    assert "Twins of " in shop("list", "--list", "Twins", code=1).output


def test_recurring_item_can_be_skipped_moved_paused_and_brought_back(shop):
    rule = parse(shop("recurring", "2 tofu", "--rule", "FREQ=DAILY;INTERVAL=9", "--from", "2026-12-24", "--json"))
    skipped = parse(shop("recurring", "tofu", "--skip", "--json"))
    assert skipped["next_due_at"] > rule["next_due_at"]
    assert "FREQ=DAILY;INTERVAL=9" in shop("recurring", "tofu", "--next", skipped["next_due_at"][:10]).stdout
    assert "paused" in shop("recurring", "tofu", "--pause").stdout
    assert "next on" in shop("recurring", "tofu", "--resume").stdout
    shop("recurring", "tofu", "--stop")
    shop("undo")
    assert "ofu" in shop("recurring").stdout


def test_list_option_selects_a_list_by_name(shop, nok, home):
    nok.lists.create(home, name="Party")
    shop("add", "crisps", "--list", "Party")
    assert "risps" in shop("list", "--list", "Party").stdout
    shop("add", "crisps", "--list", "Nothing", code=1)


# Spending and Pixie


def test_spend_draws_bars(shop):
    shop("add", "eggs")
    shop("got", "eggs", "--price", "45")
    drawn = shop("spend").stdout
    assert "in all" in drawn
    assert "█" in drawn
    assert "Nok" in shop("spend", "--by", "member").stdout
    spending = parse(shop("spend", "--json"))
    assert set(spending) >= {"from", "to", "groups", "total"}
    shop("spend", "--by", "colour", code=1)


def test_chat_prints_the_answers(shop):
    assert "pixie: " in shop("chat", "how", "much", "did", "we", "spend", "this", "month?").stdout
    lines = shop("chat", stdin="hello\nhow much did we spend?\n").stdout.splitlines()
    assert sum(line.startswith("pixie: ") for line in lines) == 2


def test_chat_prints_numbered_replies(shop):
    lines = shop("chat", "help").stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == ["1.", "2.", "3.", "4.", "5.", "6."]
    question = shop("chat", "--yes", "add", "some", "stuff").stdout  # has nothing to confirm
    assert "What should go on the list?" in question
    replies = json.loads(shop("chat", "--json", "help").stdout.splitlines()[-1])["answer"]["replies"]
    assert len(replies) == 6


def frames_of(shop, *words):
    """Return the frames whose order is certain: not the unread counts, nor edits of earlier questions."""
    lines = map(json.loads, shop("chat", "--json", *words).stdout.splitlines())
    return [line for line in lines if line["type"] not in ("unread_count", "message_edited")]


def test_chat_json_prints_a_line_for_each_frame(shop):
    lines = frames_of(shop, "add", "500", "eggs")
    assert [line["type"] for line in lines] == ["chat_message", "chat_message", "answer"]
    question, reply, last = lines
    assert question["data"]["message"]["body"] == "add 500 eggs"
    assert reply["data"]["message"]["body"] == last["answer"]["message"]
    assert last["answer"]["requires_confirmation"] is True
    assert frames_of(shop, "--yes", "add", "600", "eggs")[-1]["type"] == "confirmed"


def test_chat_json_waits_for_the_frames_of_a_complete_answer(shop, monkeypatch):
    monkeypatch.setattr(chat, "POLL_SECONDS", 0.01)  # seconds: sooner than any frame comes
    frames = frames_of(shop, "what's on the list?")
    assert [frame["type"] for frame in frames] == ["chat_message", "chat_message", "answer"]


def test_deltas_are_printed_as_they_come(capsys):
    thread = Thread(id=uuid4(), agent_id=uuid4(), title="", archived_at=None, created_at=datetime.now(UTC))
    display, room = Display(thread, as_json=False), str(thread.id)
    for text in ("Eggs are", " on the list."):
        display.show(EphemeralEvent.model_validate({"type": "message_delta", "channel_id": room, "text": text}))
    display.show(
        EphemeralEvent.model_validate({"type": "message_delta", "channel_id": str(uuid4()), "text": "Not for here."})
    )
    assert capsys.readouterr().out == "pixie: Eggs are on the list."
    assert not display.is_answered
    message = {"channel_id": room, "author_agent_id": str(uuid4()), "body": "Eggs are on the list."}
    nobody = {"user": None, "agent": None}
    display.show(Event(seq=1, type="chat_message", actor=nobody, at=datetime.now(UTC), data={"message": message}))
    assert capsys.readouterr().out == "\n"
    assert display.is_answered


# Export and import


def test_exported_home_can_be_imported(shop, nok, tmp_path):
    shop("add", "2 dozen eggs")
    file = tmp_path / "home.json"
    assert "Apartment 42 is in" in shop("export", str(file)).stdout
    assert json.loads(shop("export").stdout)["home"]["name"] == "Apartment 42"
    made = parse(shop("import", str(file), "--json"))
    there = [each for each in nok.iterate(nok.lists.list(made["id"])) if each.name == "Weekly shop"]
    entries = [entry for each in there for entry in nok.lists.get(made["id"], each).items]
    assert ("eggs", 2, "dozen") in {(entry.item.name.lower(), entry.quantity, entry.unit) for entry in entries}
    nok.homes.update(made["id"], name="A copy")
    damaged = json.loads(file.read_text())
    damaged["chat"]["messages"][0]["body"] = ""
    refused = shop("import", "-", stdin=json.dumps(damaged), code=1)
    assert "chat.messages.0.body" in refused.stderr
    file.write_text("{}")
    assert "not what" in shop("import", str(file), code=1).stderr
    shop("import", str(tmp_path / "none.json"), code=1)
    shop("import", "-", stdin=json.dumps({"format": 9, "home": {}}), code=1)


# The installed command


def run_installed(folder, *words, stdin="", **environment):
    """Run the installed command in its own process."""
    given = {**os.environ, "XDG_CONFIG_HOME": str(folder.parent), **environment}
    return subprocess.run([PIXIE, *words], env=given, input=stdin, capture_output=True, text=True, timeout=60)  # noqa: S603


def test_exit_codes(folder, run, server, home, monkeypatch):
    where = {"PIXIE_URL": server.url, "PIXIE_HOME": str(home.id)}
    for name, value in where.items():
        monkeypatch.setenv(name, value)
    run("list", code=3)
    run("dance", code=2)
    run("login", MAI, stdin=f"{PASSWORD}\n", code=0)
    run("homes", code=0)
    refused = run_installed(folder, "list", "--json", **where)
    assert refused.returncode == 1
    assert json.loads(refused.stderr)["error"]["message"]


def test_missing_server_is_reported(folder):
    gone = run_installed(folder, "homes", PIXIE_URL=f"http://localhost:{free_port()}", PIXIE_TOKEN="pp_x")
    assert gone.returncode == 4
    assert "can't be reached" in gone.stderr
    assert "Traceback" not in gone.stderr


def test_list_watch_prints_each_state(folder, server, home, nok, weekly):
    token = nok.tokens.create("watch", ["read"], PASSWORD).key
    given = {**os.environ, "PIXIE_URL": server.url, "PIXIE_TOKEN": token, "PIXIE_HOME": str(home.id)}
    given["XDG_CONFIG_HOME"] = str(folder.parent)
    lines = Queue()
    command = [PIXIE, "list", "--watch", "--json", "--list", str(weekly.id)]
    with subprocess.Popen(command, env=given, stdout=subprocess.PIPE, text=True) as watching:  # noqa: S603
        reader = threading.Thread(target=lambda: [lines.put(line) for line in watching.stdout], daemon=True)
        reader.start()
        try:
            assert json.loads(lines.get(timeout=30))["items"] == []
            nok.entries.add(home, weekly, "Eggs")
            assert [row["state"] for row in json.loads(lines.get(timeout=30))["items"]] == ["pending"]
        finally:
            watching.terminate()


def test_shell_completion():
    done = subprocess.run(  # noqa: S603
        [PIXIE],
        env={**os.environ, "_PIXIE_COMPLETE": "complete_bash", "COMP_WORDS": "pixie rec", "COMP_CWORD": "1"},
        capture_output=True,
        text=True,
    )
    assert set(done.stdout.split()) == {"recurring"}


def test_next_day_of_a_recurring_item_is_that_of_the_homes_zone():
    fields = {"quantity": Decimal(1), "unit": "", "frequency": "weekly", "paused_at": None}
    item, due = ItemSummary.model_construct(name="Milk"), datetime(2027, 1, 4, 19, tzinfo=UTC)
    rule = RecurringItem.model_construct(item=item, next_due_at=due, **fields)
    home = Home.model_construct(timezone="Pacific/Auckland")
    assert describe_recurring(rule, home) == "1 Milk, weekly, next on 5 January"
