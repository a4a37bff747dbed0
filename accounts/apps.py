from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and workspaces"

    def ready(self) -> None:
        # Models exist only now.
        from accounts import arrivals

        arrivals.connect()
