"""The catalogue of what households buy (`groceries/data/products.jsonl`): names in four languages, kinds and icons."""

import json
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from groceries.parsing.names import fold, normalize

FILE = Path(__file__).parent.parent / "data" / "products.jsonl"
LANGUAGES = ("en", "th", "de", "es")
# The aisle, of the six that a home starts with, in which each kind stands.
AISLES = {
    "produce": "produce", "dairy": "dairy", "meat": "protein", "deli": "protein", "pantry": "staple", "bakery": "staple",
    "snacks": "other", "drinks": "other", "frozen": "other", "household": "household", "care": "household",
    "pets": "household", "other": "other",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Product:
    """`names` by language; `also` are other names, in any of the languages."""

    names: dict[str, str]
    kind: str
    icon: str
    also: tuple[str, ...]

    @property
    def aisle(self) -> str:
        return AISLES[self.kind]

    def name(self, language: str) -> str:
        return self.names.get(language, self.names["en"])

    def all_names(self) -> tuple[str, ...]:
        return (*self.names.values(), *self.also)


@lru_cache(maxsize=1)
def products() -> tuple[Product, ...]:
    """Return all products. The first call reads the file, which takes about 20 ms and 4 MB."""
    rows = map(json.loads, FILE.read_text(encoding="utf-8").splitlines())
    return tuple(
        Product({language: row[language] for language in LANGUAGES}, row["kind"], row["icon"], tuple(row["also"]))
        for row in rows
    )


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Product]:
    """Return the products by the keys of their names. A product's main names win over other names."""
    named = {normalize(name): product for product in products() for name in product.also}
    return named | {normalize(name): product for product in reversed(products()) for name in product.names.values()}


@lru_cache(maxsize=1)
def _sorted_names() -> list[tuple[str, int, int]]:
    """Return the folded names, in order, with 0 for main and 1 for other names, and the numbers of their products."""
    names = []
    for number, product in enumerate(products()):
        names += [(fold(name), 0, number) for name in product.names.values()]
        names += [(fold(name), 1, number) for name in product.also]
    return sorted(names)


def find_product(name: str) -> Product | None:
    """Return the product of exactly this name, whatever its case, in any of the languages."""
    return _by_name().get(normalize(name))


def find_products(text: str, language: str, limit: int) -> list[Product]:
    """Return the products of which a name begins with the text: first by the whole name, then by the names in the
    language, by those in others, and by other names; those of fewer words first. The file begins with what most homes buy, and so does each of these."""
    key = fold(text)
    if not key:
        return []
    names, matches = _sorted_names(), []
    for name, rank, number in names[bisect_left(names, (key, 0, 0)) :]:
        if not name.startswith(key):
            break
        is_main = rank == 0 and name == fold(products()[number].name(language))
        matches.append((name != key, rank - is_main, name.count(" "), number))
    numbers = dict.fromkeys(number for *_order, number in sorted(matches))
    return [products()[number] for number in list(numbers)[:limit]]


def max_typos(key: str) -> int:
    """Return by how many letters a name may differ from a misspelt one."""
    return 1 if len(key) < 8 else 2


def find_misspelt_products(text: str, limit: int) -> list[Product]:
    """Return the products with a name that differs from the text by a letter or two, the nearest first."""
    key = fold(text)
    names = [name for name, *_rest in _sorted_names()]
    matches = process.extract(key, names, scorer=OSA.distance, score_cutoff=max_typos(key), limit=limit * 2)
    numbers = dict.fromkeys(_sorted_names()[index][2] for _name, _distance, index in matches)
    return [products()[number] for number in list(numbers)[:limit]]
