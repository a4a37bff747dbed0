"""The wiring as a Django app, so that its checks, receivers and commands are found."""

from django.apps import AppConfig


class MoondevConfig(AppConfig):
    name = "moondev"
    verbose_name = "Moon Dev"

    def ready(self) -> None:
        # Importing registers them.
        from moondev import checks, wake  # noqa: F401
