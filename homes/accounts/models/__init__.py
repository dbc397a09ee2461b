from homes.accounts.models.token import ApiToken
from homes.accounts.models.user import User

__all__ = ["ApiToken", "User"]
