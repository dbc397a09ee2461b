"""Purchase histories of generated households: what people use, notice and buy, simulated day by day.

Every product has a stock, which is used up at a rate that varies from day to day and from product to product. On a day
of shopping, the household buys what it believes will not last until the next one, forgets something at times, and does
not record everything that it buys. The same seed gives the same histories.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

FIRST_DAY = date(2025, 1, 6)  # a Monday
DAYS = 400
NOTICED, RECORDED = 0.9, 0.96  # shares of what is running out, and of purchases

# name, days that a package lasts, size, unit, days after which it has gone off
PRODUCTS = [
    ("milk", 4, 1, "liter", 12), ("bread", 4, 1, "piece", 8), ("eggs", 8, 10, "piece", 30),
    ("yoghurt", 6, 4, "piece", 25), ("bananas", 5, 6, "piece", 9), ("salad", 4, 1, "piece", 7),
    ("tomatoes", 6, 500, "g", 12), ("cheese", 11, 250, "g", 40), ("butter", 14, 250, "g", 60),
    ("chicken", 9, 600, "g", 10), ("onions", 18, 1, "kg", 60), ("potatoes", 15, 2, "kg", 50),
    ("pasta", 16, 500, "g", 700), ("rice", 40, 2, "kg", 700), ("coffee", 20, 500, "g", 300),
    ("cereal", 13, 1, "pack", 200), ("orange juice", 7, 1, "liter", 20), ("toilet paper", 27, 8, "roll", 2000),
    ("dish soap", 45, 1, "bottle", 2000), ("washing powder", 55, 1, "box", 2000),
    ("cat food", 10, 12, "can", 700), ("nappies", 9, 1, "pack", 700), ("olive oil", 50, 1, "bottle", 500),
    ("apples", 8, 1, "kg", 25), ("frozen peas", 22, 1, "bag", 300),
]  # fmt: skip
WHIMS = ["chocolate", "olives", "sparkling wine", "candles", "avocados", "berries", "ice cream", "batteries"]


@dataclass(frozen=True)
class Purchase:
    day: date
    quantity: Decimal
    unit: str


History = dict[str, list[Purchase]]


@dataclass(frozen=True)
class Way:
    """The way in which a kind of household shops and eats.

    `weekdays` are its days of shopping (Monday is 0); without any, it goes again after one of `gaps`. `extra` is the
    chance of another trip on any day. Usage varies by `noise` from day to day.
    """

    weekdays: tuple[int, ...] = ()
    gaps: tuple[int, ...] = (2, 3, 4)
    extra: float = 0.03
    noise: float = 0.25
    whims: float = 0.15
    doubling: float = 0.06
    seasonal: bool = False
    holidays: int = 0
    growing: bool = False


WAYS = {
    "regular": Way(),
    "irregular": Way(gaps=(1, 2, 3, 5, 8), extra=0.08, noise=0.9, whims=0.4),
    "weekly shopper": Way(weekdays=(5,), extra=0.06),
    "twice a week": Way(weekdays=(1, 5), extra=0.04),
    "seasonal": Way(seasonal=True),
    "holidays": Way(holidays=3),
    "growing": Way(growing=True),
    "bulk": Way(gaps=(4, 5, 6, 7), doubling=0.35),
}


@dataclass
class Product:
    name: str
    days: float
    size: int
    unit: str
    shelf_days: int
    high_season: int
    """The day of the year around which it is used most."""
    packages: float = 0.5
    bought_on: int = 0


@dataclass
class Household:
    """One simulated household."""

    way: Way
    chance: random.Random
    products: list[Product] = field(default_factory=list)
    history: History = field(default_factory=lambda: defaultdict(list))

    def live(self) -> History:
        self.choose_products()
        away = set(self.days_away())
        next_trip = 0
        for day in range(DAYS):
            if day in away:
                next_trip = max(next_trip, day + 1)
                continue
            self.use(day)
            if day >= next_trip or self.chance.random() < self.way.extra:
                next_trip = self.after(day)
                self.shop(day, next_trip)
        return dict(self.history)

    def choose_products(self) -> None:
        for name, days, size, unit, shelf_days in self.chance.sample(PRODUCTS, self.chance.randint(12, 18)):
            pace = self.chance.lognormvariate(0, 0.35)
            season = self.chance.randrange(365)
            product = Product(name, max(1.5, days * pace), size, unit, shelf_days, season)
            product.packages = self.chance.random()
            self.products.append(product)

    def days_away(self) -> Iterator[int]:
        for number in range(self.way.holidays):
            start = self.chance.randint(60, 120) + number * 100
            yield from range(start, start + self.chance.randint(9, 22))

    def after(self, day: int) -> int:
        """Return the day on which the household plans to shop next."""
        if not self.way.weekdays:
            return day + self.chance.choice(self.way.gaps)
        following = day + 1
        while (FIRST_DAY + timedelta(days=following)).weekday() not in self.way.weekdays:
            following += 1
        return following + (self.chance.random() < 0.1)  # a day late at times

    def use(self, day: int) -> None:
        for product in self.products:
            if day - product.bought_on > product.shelf_days:
                product.packages = 0
            used = self.pace(product, day) / product.days * max(0.0, self.chance.gauss(1, self.way.noise))
            product.packages = max(0.0, product.packages - used)

    def pace(self, product: Product, day: int) -> float:
        """Return how many times the usual amount is used on a day."""
        if self.way.growing:
            return 1 + 0.8 * min(1.0, max(0.0, (day - 150) / 60))
        if self.way.seasonal:
            distance = abs((day - product.high_season + 182) % 365 - 182)
            return 1.7 - 1.4 * distance / 182
        return 1

    def shop(self, day: int, next_trip: int) -> None:
        for product in self.products:
            enough_until = day + product.packages * product.days / self.pace(product, day)
            if enough_until < next_trip + 0.5 and self.chance.random() < NOTICED:
                count = 2 if self.chance.random() < self.way.doubling else 1
                while (product.packages + count) * product.days < (next_trip - day) * 0.8:
                    count += 1
                product.packages += count
                product.bought_on = day
                self.buy(product.name, day, count * product.size, product.unit)
        if self.chance.random() < self.way.whims:
            self.buy(self.chance.choice(WHIMS), day, 1, "piece")

    def buy(self, name: str, day: int, quantity: int, unit: str) -> None:
        if self.chance.random() < RECORDED:
            self.history[name].append(Purchase(FIRST_DAY + timedelta(days=day), Decimal(quantity), unit))


def generate(way: str, seed: int, count: int = 4) -> Sequence[History]:
    """Return the histories of so many households that live in a way."""
    chance = random.Random(f"{seed} {way}")  # noqa: S311 (the same histories each time)
    return [Household(WAYS[way], chance).live() for _ in range(count)]
