"""Forms for shared expenses and payments."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from groceries.actions.recurring import check_rule
from groceries.balances import Part, Payment, is_shared_equally
from groceries.forms import OWN_RULE, PriceField
from groceries.models import DEFAULT_EXPENSE_CATEGORIES, Expense, Frequency, Person
from homes.models import Home
from pantry.forms import DateInput, LineField, form_errors, plain_input
from pantry.recurrence import normalize_rule

OWN_AMOUNT = "amount_"  # and the index of the person


class _MoneyForm(forms.Form):
    """Fields that expenses and payments have."""

    amount = PriceField(label=_("Amount"))
    spent_on = forms.DateField(label=_("Day"), widget=DateInput())
    note = LineField(label=_("Note"), max_length=200, required=False, widget=plain_input())

    def __init__(
        self, data: Any, home: Home, people: Mapping[str, Person], expense: Expense | None, initial: dict[str, Any]
    ) -> None:
        current = {name: getattr(expense, name) for name in ("amount", "spent_on", "note")} if expense else {}
        super().__init__(data, initial={"spent_on": home.now().date(), **current, **initial})
        self.people = people
        amount: Any = self.fields["amount"]
        amount.currency = home.currency

    def set_people(self, *names: str, keys: set[str] | None = None) -> None:
        """Offer the people, or those with the keys, in these fields."""
        for name in names:
            field: Any = self.fields[name]
            field.choices = [(key, person.name) for key, person in self.people.items() if keys is None or key in keys]

    def own_fields(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("amount", "spent_on", "note")}


class ExpenseForm(_MoneyForm):
    title = LineField(label=_("What was it for?"), max_length=80, widget=plain_input())
    paid_by = forms.ChoiceField(label=_("Who paid?"))
    among = forms.MultipleChoiceField(
        label=_("Split among"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"}),
        error_messages={"required": _("Choose who shares it.")},
        help_text=_("Everyone has an equal part. Cents that remain go to the first ones."),
    )
    category = LineField(
        label=_("Category"),
        max_length=40,
        required=False,
        widget=plain_input(list="categories"),
        help_text=_("Choose one, or write your own."),
    )
    rrule = forms.ChoiceField(
        label=_("Repeats"),
        required=False,
        help_text=_("It is added by itself from then on. Change the newest one to change those to come."),
    )
    own_rule = LineField(
        label=_("Own rule"),
        max_length=200,
        required=False,
        widget=plain_input(autocapitalize="characters", spellcheck="false"),
        help_text=_("As calendars write it: FREQ=MONTHLY;BYDAY=-1FR is the last Friday of every month."),
    )
    field_order = ("title", "amount", "paid_by", "among", "spent_on", "rrule", "own_rule", "category", "note")
    categories = tuple(DEFAULT_EXPENSE_CATEGORIES.values())

    def __init__(
        self,
        data: Any = None,
        *,
        home: Home,
        people: Mapping[str, Person],
        expense: Expense | None = None,
        payer: str = "",
    ) -> None:
        members = {key for key, person in people.items() if person.is_member}
        amounts = {share.person.key: share.amount for share in expense.shares} if expense else {}
        initial: dict[str, Any] = {"paid_by": payer, "among": list(amounts or members)}
        if expense:
            initial |= {"title": expense.title, "category": expense.category_label, "paid_by": expense.payer.key}
            is_named = not expense.rrule or expense.rrule in {each.rrule for each in Frequency}
            initial |= {"rrule": expense.rrule} if is_named else {"rrule": OWN_RULE, "own_rule": expense.rrule}
        super().__init__(data, home, people, expense, initial)
        own = {} if expense is None or is_shared_equally(expense) else amounts
        repeats: Any = self.fields["rrule"]
        named = [(each.rrule, capfirst(each.label)) for each in Frequency]
        repeats.choices = [("", _("Never")), *named, (OWN_RULE, _("By my own rule"))]
        involved = members | set(amounts) | {initial["paid_by"]}
        self.set_people("paid_by", "among", keys=involved)
        self.own_keys = [key for key in people if key in involved]
        for index, key in enumerate(self.own_keys):
            field = PriceField(label=people[key].name, required=False, currency=home.currency, initial=own.get(key))
            self.fields[f"{OWN_AMOUNT}{index}"] = field
        for each in self.fields.values() if expense else ():
            each.show_hidden_initial = True  # so that what others changed meanwhile stays

    @property
    def shared_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith(OWN_AMOUNT)]

    @property
    def amount_fields(self) -> list[forms.BoundField]:
        return [self[f"{OWN_AMOUNT}{index}"] for index in range(len(self.own_keys))]

    @property
    def has_own_amounts(self) -> bool:
        return any(field.value() or field.errors for field in self.amount_fields)

    def clean(self) -> None:
        if self.cleaned_data.get("rrule") == OWN_RULE:
            self.cleaned_data["rrule"] = normalize_rule(self.cleaned_data.get("own_rule", ""))
            with form_errors(self, "own_rule"):
                check_rule(self.cleaned_data["rrule"])

    def fields_of_expense(self) -> dict[str, Any]:
        """Return keyword arguments for `create_expense` and `change_expense`."""
        data = self.cleaned_data
        fields = {name: data[name] for name in ("title", "category", "paid_by", "rrule")}
        return {**self.own_fields(), **fields, "shares": self._parts()}

    def changes(self) -> dict[str, Any]:
        """Return those of `fields_of_expense` that were changed; the shares only with the people or their amounts."""
        fields, changed = self.fields_of_expense(), set(self.changed_data)
        if "own_rule" in changed:
            changed.add("rrule")
        has_shares = any(name == "among" or name.startswith(OWN_AMOUNT) for name in changed)
        return {name: value for name, value in fields.items() if name in changed or name == "shares" and has_shares}

    def _parts(self) -> list[Part]:
        """Return the people who are chosen, and those with an amount of their own."""
        own: dict[str, Decimal | None] = {
            key: self.cleaned_data[f"{OWN_AMOUNT}{index}"] for index, key in enumerate(self.own_keys)
        }
        among = set(self.cleaned_data["among"])
        return [Part(key, amount) for key, amount in own.items() if key in among or amount]


class PaymentForm(_MoneyForm):
    payer = forms.ChoiceField(label=_("Who paid?"))
    payee = forms.ChoiceField(label=_("To whom?"))
    field_order = ("payer", "payee", "amount", "spent_on", "note")

    def __init__(
        self,
        data: Any = None,
        *,
        home: Home,
        people: Mapping[str, Person],
        expense: Expense | None = None,
        payment: Payment | None = None,
    ) -> None:
        initial: dict[str, Any] = {}
        if expense:
            initial = {"payer": expense.payer.key, "payee": expense.shares[0].person.key}
        elif payment:
            initial = {"payer": payment.payer.key, "payee": payment.payee.key, "amount": payment.amount}
        super().__init__(data, home, people, expense, initial)
        self.set_people("payer", "payee")

    @property
    def shared_fields(self) -> list[forms.BoundField]:
        return self.visible_fields()

    def fields_of_expense(self) -> dict[str, Any]:
        """Return keyword arguments for `change_expense`."""
        return {
            **self.own_fields(),
            "paid_by": self.cleaned_data["payer"],
            "shares": [Part(self.cleaned_data["payee"])],
        }

    def changes(self) -> dict[str, Any]:
        return self.fields_of_expense()
