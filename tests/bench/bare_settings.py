"""The product's settings with nobody at the gate."""

from moondev.settings import *  # noqa: F403
from moondev.settings import MIDDLEWARE as WHOLE

MIDDLEWARE = ["tests.bench.bare.NoGate" if name == "gateway.middleware.Gate" else name for name in WHOLE]
