from homes.accounts.models.token import ApiToken
from homes.accounts.models.user import User
from homes.events.models import Door, Event, Operation
from homes.models.agent import Agent, AgentColour, named_in
from homes.models.home import Home, Invitation, Membership, Role
from homes.notifications.models import Delivery, NoticeChoice, NoticePosition, PushSubscription

__all__ = [
    "Agent",
    "AgentColour",
    "ApiToken",
    "Delivery",
    "Door",
    "Event",
    "Home",
    "Invitation",
    "Membership",
    "NoticeChoice",
    "NoticePosition",
    "Operation",
    "PushSubscription",
    "Role",
    "User",
    "named_in",
]
