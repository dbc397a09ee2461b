"""Forms of rooms and messages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from chat.models import Message
from homes.forms import LineField


class MessageForm(forms.Form):
    body = forms.CharField(
        label=_("Message"), max_length=Message.MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 4, "autofocus": True})
    )


class RoomForm(forms.Form):
    name = LineField(
        label=_("Name of the room"),
        max_length=40,
        help_text=_("Small letters, like “holidays”."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "autofocus": True}),
    )
    topic = LineField(label=_("What it is about"), max_length=120, required=False)
    is_private = forms.BooleanField(label=_("Only for those who are brought in"), required=False)
