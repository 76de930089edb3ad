from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from inference.engine.quiet import hush_tensorflow
from inference.engine.serving.kept import keep_exports_in


class InferenceConfig(AppConfig):
    name = "inference"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        hush_tensorflow()
        keep_exports_in(Path(settings.MODEL_EXPORTS))
