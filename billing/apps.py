from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.apps.registry import apps as global_apps
from django.db.models import Model
from django.db.models.signals import post_migrate


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Plans and payment"

    def ready(self) -> None:
        from accounts import export
        from accounts import limits as registry
        from billing import limits
        from billing.payments import closing, erasure, libraries
        from billing.payments.export import billing_of

        libraries.configure()
        closing.connect()
        erasure.connect()
        export.register("billing", billing_of)
        post_migrate.connect(seed_after_migrate, sender=self)
        # accounts stands below billing and cannot import it; it asks through its registry.
        registry.register("seats", limits.check_seats)
        registry.register("workspaces", limits.check_workspaces)


def seed_after_migrate(sender: AppConfig, *, apps: Apps = global_apps, **_: Any) -> None:
    """A migrated database always has plans and add-ons; one that stops at an older migration is left alone."""
    from billing.models import AddOn, Plan
    from billing.seeds import seed_add_ons, seed_plans

    if all(_is_migrated(apps, model) for model in (Plan, AddOn)):
        seed_plans()
        seed_add_ons()


def _is_migrated(apps: Apps, model: type[Model]) -> bool:
    """Whether the database has the table as the code knows it."""
    try:
        migrated = apps.get_model("billing", model.__name__)
    except LookupError:
        return False
    return {field.name for field in migrated._meta.fields} == {field.name for field in model._meta.fields}
