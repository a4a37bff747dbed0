"""Language models: asked through the openai SDK, at whatever server the operator has named for a stage."""

from backtests.rbi.model.asking import Answer, ask, ask_for_code, ask_for_strategy
from backtests.rbi.model.server import name_of

__all__ = ["Answer", "ask", "ask_for_code", "ask_for_strategy", "name_of"]
