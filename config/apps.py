from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Makes our Celery app the one that `shared_task` binds to, in every process.
        from config import celery  # noqa: F401, PLC0415
