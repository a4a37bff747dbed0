"""The WSGI application that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moondev.settings")
# What is loaded here stays for ever: looking through it for garbage is a sixth of the start.
gc.disable()
application = get_wsgi_application()
gc.freeze()
gc.enable()
