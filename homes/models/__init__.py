from homes.models.agent import Agent, AgentColour, mentioned_agents
from homes.models.home import Home, Invitation, Membership, Role

__all__ = [
    "Agent",
    "AgentColour",
    "Home",
    "Invitation",
    "Membership",
    "Role",
    "mentioned_agents",
]
