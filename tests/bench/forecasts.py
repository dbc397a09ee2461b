"""How well forecasts find what a home buys within three days: `python -m tests.bench.forecasts`, with `--json` too.

On the morning of each day of a history, each item that was bought before is forecast from what was bought until the day
before, and compared with what is bought on that day or in the three after it. The naive forecast is the last purchase
and the mean interval: needed if that day is among those four or, “kept”, also if it has passed.
"""

import json
import os
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.bench.purchase_histories import WAYS, History, Purchase, generate

SEED = 20261130
DEMO_DAY = date(2026, 11, 30)

Row = tuple[str, str, str, bool, str]
Predict = Callable[[Sequence[Purchase], Any, date], bool]


@dataclass
class Score:
    """Counts of items on days: needed as predicted, predicted wrongly, and missed."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def count(self, predicted: bool, needed: bool) -> None:
        self.hits += predicted and needed
        self.false += predicted and not needed
        self.missed += needed and not predicted

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.hits + self.false)

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.hits + self.missed)

    def __add__(self, other: "Score") -> "Score":
        return Score(self.hits + other.hits, self.false + other.false, self.missed + other.missed)


Scores = dict[str, Score]


def demo_history() -> History:
    """Return the purchases of the demo's household."""
    from pantry.demo import ITEMS, PAST_TRIPS, PURCHASED_ENTRIES

    amounts = {name: (Decimal(quantity), unit) for name, quantity, unit, _price, _aisle in ITEMS}
    history: History = defaultdict(list)
    for days_ago, _buyer, names in [*PAST_TRIPS, (0, "Ben", PURCHASED_ENTRIES)]:
        for name in names:
            history[name].append(Purchase(DEMO_DAY - timedelta(days=days_ago), *amounts[name]))
    return dict(history)


def methods() -> dict[str, Predict]:
    from groceries.forecasts import HORIZON_DAYS, forecast

    horizon = timedelta(days=HORIZON_DAYS)

    def predict(purchases: Sequence[Purchase], rhythm: Any, today: date) -> bool:
        expected = forecast(purchases, rhythm)  # type: ignore[arg-type]
        return expected is not None and expected.is_soon

    def expected_naively(purchases: Sequence[Purchase]) -> date:
        days = sorted({purchase.day for purchase in purchases})
        mean = (days[-1] - days[0]) / (len(days) - 1) if len(days) > 1 else timedelta(days=9999)
        return days[-1] + timedelta(days=round(mean / timedelta(days=1)))

    return {
        "forecasts": predict,
        "naive": lambda purchases, _rhythm, today: today <= expected_naively(purchases) <= today + horizon,
        "naive, kept": lambda purchases, _rhythm, today: expected_naively(purchases) <= today + horizon,
    }


def evaluate(histories: Iterable[History]) -> Scores:
    from groceries.forecasts import HORIZON_DAYS, Rhythm

    predictors = methods()
    scores = {name: Score() for name in predictors}
    for history in histories:
        trips = sorted({purchase.day for purchases in history.values() for purchase in purchases})
        for number in range(1, (trips[-1] - trips[0]).days - HORIZON_DAYS + 1):
            today = trips[0] + timedelta(days=number)
            rhythm = Rhythm(trips[: bisect_left(trips, today)], today)
            for purchases in history.values():
                past = bisect_left(purchases, today, key=lambda purchase: purchase.day)
                needed = past < len(purchases) and (purchases[past].day - today).days <= HORIZON_DAYS
                for name, predict in predictors.items() if past else ():
                    scores[name].count(predict(purchases[:past], rhythm, today), needed)
    return scores


def evaluate_all(report: Callable[[str], None] = lambda _text: None) -> dict[str, Scores]:
    """Return the scores by history: those of each way of life, of all of them, and of the demo."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    scores: dict[str, Scores] = {}
    for way in WAYS:
        report(f"  {way} …")
        scores[way] = evaluate(generate(way, SEED))
    scores["generated"] = {
        name: sum((scores[way][name] for way in WAYS), Score()) for name in next(iter(scores.values()))
    }
    scores["demo"] = evaluate([demo_history()])
    return scores


def measure(report: Callable[[str], None] = lambda _text: None) -> list[Row]:
    rows = []
    scores = evaluate_all(report)
    for history in ("generated", "demo"):
        ours, naive, kept = (scores[history][name] for name in ("forecasts", "naive", "naive, kept"))
        for measured in ("precision", "recall"):
            value, target = getattr(ours, measured), getattr(naive, measured)
            note = f"naive, kept until bought {getattr(kept, measured):.3f}"
            title = f"forecasts for 3 days, {history} histories, {measured}"
            rows.append((title, f"{value:.3f}", f"> {target:.3f}", value > target, note))
    return rows


def main() -> int:
    scores = evaluate_all(lambda text: print(text, file=sys.stderr))
    if "--json" in sys.argv:
        figures = {
            history: {name: {"precision": score.precision, "recall": score.recall} for name, score in of.items()}
            for history, of in scores.items()
        }
        print(json.dumps(figures))
        return 0
    heads = "".join(f"{name:>18}" for name in methods())
    print(f"{'precision, recall':<20}{heads}{'purchases within 3 days':>28}")
    for history, of in scores.items():
        figures_of = "".join(f"{score.precision:>11.3f}, {score.recall:.3f}" for score in of.values())
        needed = next(iter(of.values()))
        print(f"{history:<20}{figures_of}{needed.hits + needed.missed:>28,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
