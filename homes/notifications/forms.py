"""The form of a member's notification settings."""

from datetime import time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from homes.notifications import registry
from homes.notifications.models import NoticeChoice
from pantry.forms import TimeInput


class NoticeForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=_("Notify me when"), required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"})
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=TimeInput())
    quiet_until = forms.TimeField(label=_("Quiet until"), required=False, widget=TimeInput())

    def __init__(self, *args: Any, choice: NoticeChoice, **kwargs: Any) -> None:
        quiet = {name: getattr(choice, name) for name in ("quiet_from", "quiet_until")}
        selected = [kind for kind in registry.kinds if choice.wants(kind)]
        super().__init__(*args, **{**kwargs, "initial": {"kinds": selected, **quiet}})
        cast("forms.ChoiceField", self.fields["kinds"]).choices = [
            (kind.name, kind.label) for kind in registry.kinds.values()
        ]

    def clean(self) -> None:
        start, end = self.quiet
        if not self.errors and ((start is None) != (end is None) or (start is not None and start == end)):
            self.add_error("quiet_until", _("Quiet hours need a start and a different end. Leave both empty for none."))

    @property
    def quiet(self) -> tuple[time | None, time | None]:
        return self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_until")

    @property
    def choices(self) -> dict[str, bool]:
        return {kind: kind in self.cleaned_data["kinds"] for kind in registry.kinds}
