"""The order of a store's aisles, learned from the order in which things were ticked there."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from itertools import permutations
from statistics import median
from typing import Any, TypeVar

Aisle = TypeVar("Aisle", bound=Hashable)

AGEING = 0.8  # the weight of a trip, compared with that of the next one: a rebuilt shop is learned in some trips


def order_aisles(trips: Sequence[Sequence[tuple[Any, Aisle]]], aisles: Sequence[Aisle]) -> list[Aisle]:
    """Return the aisles in the order in which the trips, newest first, went through them.

    A trip is a sequence of moments, which can be compared, and the aisle of the thing that was ticked then. Of two
    aisles, that one comes first which did so in most trips, newer ones counting more. Majorities can form a circle, so
    they count from the clearest to the closest, without those that contradict the clearer ones (Tideman's ranked
    pairs). Where the trips say nothing, the order of `aisles` holds. Takes at most the cube of the number of aisles.
    """
    after: dict[Aisle, set[Aisle]] = {aisle: set() for aisle in aisles}  # what comes after it, directly or not
    for first, second in _majorities(trips):
        if first not in after or second not in after or first in after[second] or second in after[first]:
            continue
        for aisle in aisles:
            if aisle == first or first in after[aisle]:
                after[aisle] |= {second, *after[second]}
    left, ordered = list(aisles), []
    while left:
        following = set[Aisle]().union(*(after[aisle] for aisle in left))
        ordered.append(next(aisle for aisle in left if aisle not in following))
        left.remove(ordered[-1])
    return ordered


def _majorities(trips: Sequence[Sequence[tuple[Any, Aisle]]]) -> list[tuple[Aisle, Aisle]]:
    """Return the pairs of which the first one came before the second in most trips, the clearest first."""
    before: dict[tuple[Aisle, Aisle], float] = defaultdict(float)
    weight = 1.0
    for trip in trips:
        places = _places(trip)
        for first, second in permutations(places, 2):
            if places[first] < places[second]:
                before[first, second] += weight
        weight *= AGEING
    leads = {(first, second): lead - before.get((second, first), 0) for (first, second), lead in before.items()}
    return sorted((pair for pair, lead in leads.items() if lead > 0), key=leads.__getitem__, reverse=True)


def _places(trip: Sequence[tuple[Any, Aisle]]) -> dict[Aisle, float]:
    """Return the middle place of the ticks in each aisle, so that something forgotten does not move it. Things that
    were ticked at once have the same place."""
    moments = {moment: place for place, moment in enumerate(sorted({moment for moment, _aisle in trip}))}
    ticks: dict[Aisle, list[int]] = {}
    for moment, aisle in trip:
        ticks.setdefault(aisle, []).append(moments[moment])
    return {aisle: median(places) for aisle, places in ticks.items()}
