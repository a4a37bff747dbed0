"""How Stripe says no: `{"error": {"type", "code", "message", "param"}}` and a status."""

from __future__ import annotations

from typing import Any

INVALID = "invalid_request_error"
CARD = "card_error"


class Refused(Exception):
    """The answer to a call that Stripe would refuse. `more` goes into the error as it is (decline_code, charge, …)."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = INVALID, code: str = "", param: str = "", **more: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        fields = {"code": code, "message": message, "param": param, "type": kind, **more}
        self.error = {name: value for name, value in fields.items() if value != ""}

    @property
    def body(self) -> dict[str, Any]:
        return {"error": self.error}


class NoSuch(Refused):
    """Nothing has this id: 404 for the one in the path, 400 for one in a parameter."""

    def __init__(self, kind: str, id: str, param: str = "id") -> None:
        status = 404 if param == "id" else 400
        super().__init__(f"No such {kind}: '{id}'", status=status, code="resource_missing", param=param)


class Missing(Refused):
    """A parameter that must be there is not."""

    def __init__(self, param: str) -> None:
        super().__init__(f"Missing required param: {param}.", code="parameter_missing", param=param)


class Declined(Refused):
    """The bank said no: 402. `decline_code` as "insufficient_funds"."""

    def __init__(self, message: str, *, code: str = "card_declined", **more: Any) -> None:
        super().__init__(message, status=402, kind=CARD, code=code, **more)
