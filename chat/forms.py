"""Forms for rooms, chats with an agent, and messages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chat.models import Message
from homes.models import Agent
from pantry.forms import LineField, TextField, plain_input


class MessageForm(forms.Form):
    body = TextField(
        label=_("Message"), max_length=Message.MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 4, "autofocus": True})
    )


class RoomForm(forms.Form):
    name = LineField(
        label=_("Name of the room"),
        max_length=40,
        help_text=_("Lowercase, without spaces, like “holidays”."),
        widget=plain_input(autocapitalize="none", autofocus=True),
    )
    topic = LineField(label=_("What it's about"), max_length=120, required=False)
    is_private = forms.BooleanField(label=_("Only for people who are added"), required=False)


class AgentChatForm(forms.Form):
    """Form that starts a titled chat with an agent. With a single agent there is nothing to choose."""

    agent = forms.ModelChoiceField(label=_("Chat with"), queryset=Agent.objects.none(), empty_label=None)
    title = LineField(
        label=_("What it's about"),
        max_length=120,
        help_text=_("Like “Party on Saturday”."),
        widget=plain_input(autofocus=True),
    )

    def __init__(self, data: Any = None, *, agents: Any) -> None:
        super().__init__(data)
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]
        self.only = agents[0] if len(agents) == 1 else None
        if self.only:
            del self.fields["agent"]
