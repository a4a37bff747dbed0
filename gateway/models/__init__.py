"""API keys and what was done with them."""

from gateway.models.key import ApiKey, KeySecret
from gateway.models.usage import Usage, UsageBatch

__all__ = ["ApiKey", "KeySecret", "Usage", "UsageBatch"]
