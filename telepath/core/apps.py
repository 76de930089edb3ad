import sys

from django.apps import AppConfig
from django.conf import settings

from telepath.core.logs import die_discreetly


class CoreConfig(AppConfig):
    name = "telepath.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Whoever sits at a terminal sees whole exceptions; what goes into a file is discreet."""
        if not (settings.DEBUG or sys.stderr.isatty()):
            die_discreetly()
