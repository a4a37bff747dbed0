"""The application of live services: the product's, whose static files a browser may keep while a test lasts.

With DEBUG on they are looked for anew at each request and asked for anew by each page, which suits who changes them.
"""

from __future__ import annotations

from django.conf import settings

settings.WHITENOISE_AUTOREFRESH = False
settings.WHITENOISE_MAX_AGE = 3600

# WhiteNoise reads its settings while the application is made.
from moondev.wsgi import application  # noqa: E402

__all__ = ["application"]
