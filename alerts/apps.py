from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Alerts"

    def ready(self) -> None:
        from accounts import export
        from alerts import receivers
        from alerts.export import alerts_of

        export.register("alerts", alerts_of)
        receivers.connect()
