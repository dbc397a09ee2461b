"""The commands `activity` and `history`."""

import json


def test_history_shows_what_happened_on_the_list(pixie_of_nok, nok, home, weekly):
    nok.entries.add(home, weekly, "Milk", quantity=2, unit="liter")
    assert "Nok added Milk (2 liters) to “Weekly shop”." in pixie_of_nok("history", "--list", str(weekly.id))
    assert "Nok added Milk" in pixie_of_nok("activity", "--by", "nok", "--kind", "lists")
    assert "nobody called" in pixie_of_nok("activity", "--by", "Zoe", code=1)


def test_history_brings_back_what_is_gone(pixie_of_nok, nok, home, weekly):
    entry = nok.entries.add(home, weekly, "Milk", quantity=2, unit="liter")
    seq = nok.lists.history(home, weekly).results[0].seq + 1
    nok.entries.remove(home, weekly, entry)
    then = ["history", "--list", str(weekly.id), "--before", str(seq)]
    assert pixie_of_nok(*then).strip() == "Milk, 2 liter, gone"
    assert "is back" in pixie_of_nok(*then, "--bring-back")
    assert nok.entries.get(home, weekly, entry).state == "pending"
    assert "Nothing is gone." in pixie_of_nok(*then, "--bring-back")
    assert json.loads(pixie_of_nok(*then, "--json"))["items"][0]["is_gone"] is False


def test_history_needs_a_moment_that_makes_sense(pixie_of_nok, weekly):
    assert pixie_of_nok("history", "--list", str(weekly.id), "--at", "2999-01-01T00:00").strip() == "Nothing was on it."
    pixie_of_nok("history", "--bring-back", code=2)
    pixie_of_nok("history", "--at", "Tuesday", code=2)
    pixie_of_nok("history", "--at", "2027-01-01", "--before", "3", code=2)
    pixie_of_nok("history", "--list", "No such list", code=1)
