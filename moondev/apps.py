"""The wiring as a Django app, so that its checks and commands are found."""

from django.apps import AppConfig


class MoondevConfig(AppConfig):
    name = "moondev"
    verbose_name = "Moon Dev"

    def ready(self) -> None:
        # Importing registers them.
        from moondev import checks  # noqa: F401
