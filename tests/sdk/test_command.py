"""`pixie`, as people and scripts run it."""

import json
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from uuid import uuid4

import pytest
from pantry_pixie.chat import Thread
from pantry_pixie.command import app, chat
from pantry_pixie.command.chat import Display
from pantry_pixie.events import EphemeralEvent, Event
from typer.testing import CliRunner

from tests.server import MAI, NOK, PASSWORD
from tests.services import free_port

PIXIE = str(Path(sys.executable).with_name("pixie"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The person's config folder; nothing of the developer's own."""
    for name in ("PIXIE_URL", "PIXIE_TOKEN", "PIXIE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path / "pantry-pixie"


@pytest.fixture
def run(folder, server):
    """`run("add", "milk")`: what came of it. `said` is typed into it."""

    def run(*words, said="", code=0):
        result = CliRunner().invoke(app, list(words), input=said)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def pixie(run, server):
    """The same, signed in as Nok."""
    run("login", NOK, "--url", server.url, said=f"{PASSWORD}\n")
    return run


@pytest.fixture
def shop(pixie, weekly):
    """The same, at a list of the test's own, that is the newest."""
    return pixie


def answered(result):
    return json.loads(result.stdout)


# Signing in


def test_signing_in_keeps_the_token_for_oneself(run, server, folder):
    result = run("login", NOK, "--url", server.url, said=f"{PASSWORD}\n")
    assert "Hello Nok" in result.stdout
    file = folder / "session.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert PASSWORD not in file.read_text()
    assert [each.name for each in folder.iterdir()] == ["session.json"]


def test_the_password_is_no_argument(run):
    assert "password" not in " ".join(line for line in run("login", "--help").stdout.splitlines() if "--" in line)


def test_a_wrong_password_leaves_nobody_signed_in(run, server):
    result = run("login", NOK, "--url", server.url, said="wrong\n", code=3)
    assert "Wrong email or password" in result.stderr
    run("homes", code=3)


def test_who_signs_in_must_say_a_password(run, server):
    run("login", NOK, "--url", server.url, said="", code=2)


def test_signing_out_ends_the_tokens_at_the_server_too(pixie, folder, server):
    before = (folder / "session.json").read_text()
    pixie("logout")
    assert json.loads((folder / "session.json").read_text())["token"] is None
    pixie("homes", code=3)
    (folder / "session.json").write_text(before)
    pixie("homes", code=3)


def test_a_token_that_is_over_is_renewed_and_kept(pixie, folder):
    file = folder / "session.json"
    session = json.loads(file.read_text())
    file.write_text(json.dumps({**session, "token": "over"}))
    pixie("homes")
    assert json.loads(file.read_text())["token"] not in ("over", session["token"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_personal_token_from_the_environment(run, server, nok, monkeypatch):
    made = nok.tokens.create("script", ["read"])
    monkeypatch.setenv("PIXIE_TOKEN", made.key)
    monkeypatch.setenv("PIXIE_URL", server.url)
    assert "Apartment 42" in run("homes").stdout
    monkeypatch.setenv("PIXIE_HOME", "Apartment 42")
    assert "write" in run("add", "milk", code=1).stderr


# Homes


def test_homes_and_choosing_one(pixie, nok, home):
    nok.homes.create("Boat of Nok")
    assert {each["name"] for each in answered(pixie("homes", "--json"))} >= {"Apartment 42", "Boat of Nok"}
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


def test_things_are_put_on_the_list(shop):
    assert "2 dozen eggs is on weekly shop." in shop("add", "2 dozen eggs", "milk").stdout.lower()
    rows = answered(shop("list", "--json"))["items"]
    assert {(row["item"]["name"].lower(), row["quantity"], row["unit"]) for row in rows} >= {("eggs", "2", "dozen")}
    shown = shop("list").stdout
    assert "2 dozen" in shown
    assert "2 to get" in shown


def test_an_amount_of_nothing_is_not_understood(shop):
    assert 'pixie add "2 eggs"' in shop("add", "2", "eggs", code=2).stderr
    assert answered(shop("list", "--json"))["items"] == []


def test_what_was_bought_is_ticked_with_its_price(shop):
    shop("add", "6 eggs", "milk")
    [bought] = answered(shop("got", "EGGS", "--price", "45", "--json"))
    assert (bought["state"], bought["price_paid"]) == ("purchased", "45")
    assert "✓" in shop("list").stdout
    assert "not there" in shop("got", "caviar", code=1).stderr
    shop("got", "milk", "--price", "much", code=2)


def test_several_that_fit_are_asked_about(shop):
    shop("add", "red wine", "white wine")
    assert "Which one" in shop("got", "wine", code=1).stderr
    shop("remove", "red wine")
    assert [row["item"]["name"].lower() for row in answered(shop("list", "--json"))["items"]] == ["white wine"]


def test_undo_goes_back_step_by_step(shop):
    shop("add", "eggs")
    shop("add", "milk")
    shop("got", "milk")

    def states():
        return {row["item"]["name"].lower(): row["state"] for row in answered(shop("list", "--json"))["items"]}

    shop("undo")
    assert states() == {"eggs": "pending", "milk": "pending"}
    shop("undo")
    assert states() == {"eggs": "pending"}
    shop("undo")
    assert states() == {}
    shop("undo", "1", code=1)


def test_what_was_said_is_found_again(shop, nok, home):
    room = next(each for each in nok.channels.list(home).results if each.name == "general")
    nok.messages.send(home, room, "The locksmith is 555 1234")
    [found] = answered(shop("search", "locksmith", "from:nok", "--json"))
    assert (found["kind"], found["where"], found["author"]) == ("message", "#general", "Nok")
    assert "Nok: The locksmith is 555 1234" in shop("search", "ocksmit").stdout
    assert "Nothing was found" in shop("search", "zebra crossing").stdout


def test_what_comes_back(shop):
    rule = answered(shop("recurring", "5 kg rice", "--every", "monthly", "--json"))
    assert (rule["quantity"], rule["unit"], rule["frequency"]) == ("5", "kg", "monthly")
    assert "monthly" in shop("recurring").stdout
    shop("recurring", "rice", "--stop")
    assert rule["id"] not in {each["id"] for each in answered(shop("recurring", "--json"))}
    shop("recurring", "rice", code=2)
    shop("recurring", "rice", "--every", "hour", code=2)


def test_the_list_by_its_name(shop, nok, home):
    nok.lists.create(home, name="Party")
    shop("add", "crisps", "--list", "Party")
    assert "risps" in shop("list", "--list", "Party").stdout
    shop("add", "crisps", "--list", "Nothing", code=1)


# Money, Pixie


def test_what_was_spent_is_drawn(shop):
    shop("add", "eggs")
    shop("got", "eggs", "--price", "45")
    drawn = shop("spend").stdout
    assert "in all" in drawn
    assert "█" in drawn
    assert "Nok" in shop("spend", "--by", "member").stdout
    said = answered(shop("spend", "--json"))
    assert set(said) >= {"from", "to", "groups", "total"}
    shop("spend", "--by", "colour", code=1)


def test_pixie_answers(shop):
    assert "pixie: " in shop("chat", "how", "much", "did", "we", "spend", "this", "month?").stdout
    lines = shop("chat", said="hello\nhow much did we spend?\n").stdout.splitlines()
    assert sum(line.startswith("pixie: ") for line in lines) == 2


def frames_of(shop, *words):
    """What a script reads, but for what comes when it comes: how much is unread, and that a question from before waits
    no more."""
    lines = map(json.loads, shop("chat", "--json", *words).stdout.splitlines())
    return [line for line in lines if line["type"] not in ("unread_count", "message_edited")]


def test_a_script_reads_along_a_frame_a_line(shop):
    lines = frames_of(shop, "add", "500", "eggs")
    assert [line["type"] for line in lines] == ["chat_message", "chat_message", "answer"]
    asked, said, last = lines
    assert asked["data"]["message"]["body"] == "add 500 eggs"
    assert said["data"]["message"]["body"] == last["answer"]["message"]
    assert last["answer"]["requires_confirmation"] is True
    assert frames_of(shop, "--yes", "add", "600", "eggs")[-1]["type"] == "confirmed"


def test_an_answer_that_is_there_before_its_frames_is_read_along_all_the_same(shop, monkeypatch):
    monkeypatch.setattr(chat, "POLL_SECONDS", 0.01)  # seconds: sooner than any frame comes
    frames = frames_of(shop, "what's on the list?")
    assert [frame["type"] for frame in frames] == ["chat_message", "chat_message", "answer"]


def test_what_is_written_piece_by_piece_is_shown_so(capsys):
    thread = Thread(id=uuid4(), agent_id=uuid4(), title="", archived_at=None, created_at=datetime.now(UTC))
    shown, room = Display(thread, as_json=False), str(thread.id)
    for text in ("Eggs are", " on the list."):
        shown.show(EphemeralEvent.model_validate({"type": "message_delta", "channel_id": room, "text": text}))
    shown.show(
        EphemeralEvent.model_validate({"type": "message_delta", "channel_id": str(uuid4()), "text": "Not for here."})
    )
    assert capsys.readouterr().out == "pixie: Eggs are on the list."
    assert not shown.is_answered
    message = {"channel_id": room, "author_agent_id": str(uuid4()), "body": "Eggs are on the list."}
    nobody = {"user": None, "agent": None}
    shown.show(Event(seq=1, type="chat_message", actor=nobody, at=datetime.now(UTC), data={"message": message}))
    assert capsys.readouterr().out == "\n"
    assert shown.is_answered


# Taking along


def test_a_home_is_taken_along_and_made_again(shop, nok, tmp_path):
    shop("add", "2 dozen eggs")
    file = tmp_path / "home.json"
    assert "Apartment 42 is in" in shop("export", str(file)).stdout
    assert json.loads(shop("export").stdout)["home"]["name"] == "Apartment 42"
    made = answered(shop("import", str(file), "--json"))
    there = [each for each in nok.iterate(nok.lists.list(made["id"])) if each.name == "Weekly shop"]
    entries = [entry for each in there for entry in nok.lists.get(made["id"], each).items]
    assert ("eggs", 2, "dozen") in {(entry.item.name.lower(), entry.quantity, entry.unit) for entry in entries}
    nok.homes.update(made["id"], name="A copy")
    file.write_text("{}")
    assert "not what" in shop("import", str(file), code=1).stderr
    shop("import", str(tmp_path / "none.json"), code=1)
    shop("import", "-", said=json.dumps({"format": 9, "home": {}}), code=1)


# As a program


def alone(folder, *words, said="", **environment):
    """The installed command, in a process of its own."""
    given = {**os.environ, "XDG_CONFIG_HOME": str(folder.parent), **environment}
    return subprocess.run([PIXIE, *words], env=given, input=said, capture_output=True, text=True, timeout=60)  # noqa: S603


def test_exit_codes_say_what_happened(folder, server, home):
    where = {"PIXIE_URL": server.url, "PIXIE_HOME": str(home.id)}
    assert alone(folder, "list", **where).returncode == 3
    assert alone(folder, "dance", **where).returncode == 2
    assert alone(folder, "login", MAI, said=f"{PASSWORD}\n", **where).returncode == 0
    refused = alone(folder, "list", "--json", **where)
    assert refused.returncode == 1
    assert json.loads(refused.stderr)["error"]["message"]
    assert alone(folder, "homes", **where).returncode == 0


def test_no_server_is_said_so(folder):
    gone = alone(folder, "homes", PIXIE_URL=f"http://localhost:{free_port()}", PIXIE_TOKEN="pp_x")
    assert gone.returncode == 4
    assert "can't be reached" in gone.stderr
    assert "Traceback" not in gone.stderr


def test_watching_shows_each_state_as_it_comes(folder, server, home, nok, weekly):
    token = nok.tokens.create("watch", ["read"]).key
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


def test_it_completes_in_the_shell():
    done = subprocess.run(  # noqa: S603
        [PIXIE],
        env={**os.environ, "_PIXIE_COMPLETE": "complete_bash", "COMP_WORDS": "pixie re", "COMP_CWORD": "1"},
        capture_output=True,
        text=True,
    )
    assert set(done.stdout.split()) == {"remove", "recurring"}
