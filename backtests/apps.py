from django.apps import AppConfig


class BacktestsConfig(AppConfig):
    name = "backtests"
    verbose_name = "Backtests"

    def ready(self) -> None:
        from accounts import export
        from backtests import receivers
        from backtests.export import backtests_of

        export.register("backtests", backtests_of)
        receivers.connect()
