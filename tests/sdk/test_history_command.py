"""The commands `activity` and `history`."""

import json

import pytest
from pantry_pixie.command import app
from typer.testing import CliRunner

from tests.server import PASSWORD


@pytest.fixture(scope="module")
def token(nok):
    return nok.tokens.create("history", ["read", "write"], PASSWORD).key


@pytest.fixture
def run(token, home, server, monkeypatch, tmp_path):
    """`run("history")` returns the output, for Nok."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    for name, value in {"URL": server.url, "TOKEN": token, "HOME": str(home.id)}.items():
        monkeypatch.setenv(f"PIXIE_{name}", value)

    def run(*words, code=0):
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, result.output
        return result.output

    return run


def test_history_shows_what_happened_on_the_list(run, nok, home, weekly):
    nok.entries.add(home, weekly, "Milk", quantity=2, unit="liter")
    assert "Nok added Milk (2 liters) to “Weekly shop”." in run("history", "--list", str(weekly.id))
    assert "Nok added Milk" in run("activity", "--by", "nok", "--kind", "lists")
    assert "nobody called" in run("activity", "--by", "Zoe", code=1)


def test_history_brings_back_what_is_gone(run, nok, home, weekly):
    entry = nok.entries.add(home, weekly, "Milk", quantity=2, unit="liter")
    seq = nok.lists.history(home, weekly).results[0].seq + 1
    nok.entries.remove(home, weekly, entry)
    then = ["history", "--list", str(weekly.id), "--before", str(seq)]
    assert run(*then).strip() == "Milk, 2 liter, gone"
    assert "is back" in run(*then, "--bring-back")
    assert nok.entries.get(home, weekly, entry).state == "pending"
    assert "Nothing is gone." in run(*then, "--bring-back")
    assert json.loads(run(*then, "--json"))["items"][0]["is_gone"] is False


def test_history_needs_a_moment_that_makes_sense(run, weekly):
    assert run("history", "--list", str(weekly.id), "--at", "2999-01-01T00:00").strip() == "Nothing was on it."
    run("history", "--bring-back", code=2)
    run("history", "--at", "Tuesday", code=2)
    run("history", "--at", "2027-01-01", "--before", "3", code=2)
    run("history", "--list", "No such list", code=1)
