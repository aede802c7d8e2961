from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class DatabaseConfig(AppConfig):
    """Connects the firewall to the end of every migrate."""

    name = "database"

    def ready(self) -> None:
        from database.firewall import apply_after_migrate

        # Django tells one app with models after another; after the last, every table exists.
        last = [config for config in apps.get_app_configs() if config.models_module][-1]
        post_migrate.connect(apply_after_migrate, sender=last, dispatch_uid="firewall")
