from homes.models.agent import Agent, AgentColour, named_in
from homes.models.event import Door, Event, Operation
from homes.models.home import Home, Invitation, Membership, Role
from homes.models.push import Delivery, NoticeChoice, NoticePosition, PushSubscription
from homes.models.token import ApiToken
from homes.models.user import User

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
