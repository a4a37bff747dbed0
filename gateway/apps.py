from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "gateway"
    verbose_name = "Gateway"

    def ready(self) -> None:
        from accounts import export
        from gateway.keys import receivers
        from gateway.keys.export import keys_of
        from gateway.usage.export import usage_of

        export.register("api_keys", keys_of)
        export.register("usage", usage_of)
        receivers.connect()
