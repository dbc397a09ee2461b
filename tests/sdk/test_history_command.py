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


def test_prices_and_totals_are_corrected(pixie_of_nok, nok, home, weekly):
    entry = nok.entries.add(home, weekly, "Milk", quantity=2, unit="liter")
    nok.lists.start_shopping(home, weekly)
    nok.entries.update(home, weekly, entry, state="purchased", price_paid=54)
    nok.lists.update(home, weekly, state="completed")
    on = ["--list", str(weekly.id)]
    assert pixie_of_nok("price", "milk", "45", *on).strip() == "Milk cost 45."
    assert nok.entries.get(home, weekly, entry).price_paid == 45
    assert "came to 412.50." in pixie_of_nok("total", "412.50", *on)
    assert [trip.total for trip in nok.lists.trips(home, weekly).results] == [412.5]
    pixie_of_nok("price", "eggs", "45", *on, code=1)
    pixie_of_nok("total", "much", *on, code=2)


def test_history_needs_a_moment_that_makes_sense(pixie_of_nok, weekly):
    assert pixie_of_nok("history", "--list", str(weekly.id), "--at", "2999-01-01T00:00").strip() == "Nothing was on it."
    pixie_of_nok("history", "--bring-back", code=2)
    pixie_of_nok("history", "--at", "Tuesday", code=2)
    pixie_of_nok("history", "--at", "2027-01-01", "--before", "3", code=2)
    pixie_of_nok("history", "--list", "No such list", code=1)
