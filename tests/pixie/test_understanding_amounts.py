"""Amounts, prices and notes in messages, and lists that are pasted."""

import pytest

from pixie.nlu import SURE, Vocabulary, understand

HOME = Vocabulary(
    items=("Milk", "Rice", "Tea", "Eggs", "Milk, semi-skimmed", "21 Seasoning Salute"),
    on_list=("Milk", "Rice", "Tea"),
    currency="EUR",
)


def read(text, vocabulary=HOME):
    """Return what is changed without a question: “2 kg rice (note) €price”."""
    rows = []
    for action in understand(text, vocabulary).actions:
        words = [action.payload.get("quantity"), action.payload.get("unit"), action.payload["name"]]
        note, price = action.payload.get("note"), action.payload.get("price")
        words += [note and f"({note})", price and f"€{price}", None if action.confidence >= SURE else "?"]
        rows.append(" ".join(word for word in words if word))
    return rows


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("add milk 0,5 l", ["0.5 liter Milk"]),
        ("add 1,5 kg potatoes", ["1.5 kg potatoes"]),
        ("we need 2,5 kg rice", ["2.5 kg Rice"]),
        ("buy 0,5 kg butter", ["0.5 kg butter"]),
        ("I need 2,5 l of juice", ["2.5 liter juice"]),
        ("we need 0,5 l milk and 2 eggs", ["0.5 liter Milk", "2 Eggs"]),
        ("add 0,075 kg saffron", ["0.075 kg saffron"]),
        ("add 1.500,50 g flour", ["1500.5 g flour"]),
        ("add 1,5 l milk, 2,5 kg rice", ["1.5 liter Milk", "2.5 kg Rice"]),
        ("add 1 cup plus 2 tablespoons olive oil", ["1.125 cup olive oil"]),
        ("add 1 Tablespoon and 1 teaspoon cumin", ["4 teaspoon cumin"]),
        ("add 1 kg and 500 g flour and eggs", ["1.5 kg flour", "Eggs"]),
        ("add two and a half cups flour", ["2.5 cup flour"]),
        ("add one and a half kg tomatoes", ["1.5 kg tomatoes"]),
        ("add a dozen and a half eggs", ["1.5 dozen Eggs"]),
        ("add 5 and 6 kg potatoes", ["5 potatoes (6 kg) ?"]),
        ("add 1.0-2.5 cups rice", ["2.5 cup Rice"]),
        ("add 4 ounces/112 grams cheese", ["4 oz cheese (112 grams)"]),
        ("add 2 x 400g cans chickpeas", ["2 can chickpeas (400g)"]),
        ("add 2 packs of pasta, 500g each", ["2 pack pasta (500g each)"]),
        ("add rice, 2 kg", ["2 kg Rice"]),
        ("add eggs, 6", ["6 Eggs"]),
        ("add rice, one sack, 50 kg", ["1 bag Rice (50 kg)"]),
        ("add salt and pepper to taste", ["salt", "pepper (to taste)"]),
        ("add 1 pound peeled and deveined shrimp (30-40 per pound)",
         ["1 lb shrimp (peeled and deveined, 30-40 per pound)"]),
        ("add sugar, brown", ["sugar (brown)"]),
        ("add 1 kg. flour", ["1 kg flour"]),
        ("add 1.5 kg. potatoes and 2 lbs. rice", ["1.5 kg potatoes", "2 lb Rice"]),
        ("add 2 15oz. cans beans", ["2 can beans (15oz)"]),
        ("add 21 seasoning salute", ["21 Seasoning Salute"]),
        ("add milk, semi-skimmed", ["Milk, semi-skimmed"]),
        ("add milk to the shopping list and eggs", ["Milk", "Eggs"]),
        ("add milk to the shopping list, eggs and rice", ["Milk", "Eggs", "Rice"]),
        ("put toast and butter on the shopping list and also jam", ["toast", "butter", "jam"]),
        ("add milk to the list, please", ["Milk"]),
        ("please add to the list:\n1 tsp baking soda\n¾ C packed brown sugar\n2 eggs",
         ["1 teaspoon baking soda", "0.75 cup packed brown sugar", "2 Eggs"]),
    ],
)  # fmt: skip
def test_amounts_of_additions(text, items):
    assert read(text) == items


@pytest.mark.parametrize(
    ("text", "currency", "items"),
    [
        ("I bought rice for 50.000", "IDR", ["Rice €50000"]),
        ("I bought rice for 1,250", "THB", ["Rice €1250"]),
        ("paid 13,99 € for tea", "EUR", ["Tea €13.99"]),
        ("paid 13.99 for tea", "EUR", ["Tea €13.99"]),
        ("got milk for 15,38€", "EUR", ["Milk €15.38"]),
        ("got the milk for 45 baht", "THB", ["Milk €45"]),
        ("got 2 milk at 1.17 each", "EUR", ["2 Milk €2.34"]),
        ("got 3 tea for 2 each", "EUR", ["3 Tea €6.00"]),
        ("bought 4 milk at 0,99 each", "EUR", ["4 Milk €3.96"]),
        ("bought 5 kg rice at 40 per kg", "EUR", ["5 kg Rice €200.00"]),
        ("bought 1500 g rice at 2 per kg", "EUR", ["1500 g Rice €3.00"]),
        ("got milk at 1.17 each", "EUR", ["Milk ?"]),
        ("I bought rice for 50.000", "EUR", ["Rice ?"]),
        ("got the milk for $3", "EUR", ["Milk ?"]),
        ("got the milk and rice for 12", "EUR", ["Milk ?", "Rice ?"]),
        ("got the milk and rice, 35 and 89", "EUR", ["Milk €35", "Rice €89"]),
    ],
)
def test_prices_of_purchases_are_exact_or_asked(text, currency, items):
    vocabulary = Vocabulary(items=HOME.items, on_list=HOME.on_list, currency=currency)
    assert read(text, vocabulary) == items
