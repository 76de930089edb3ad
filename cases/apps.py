from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class CasesConfig(AppConfig):
    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases import receivers  # noqa: F401  (connects them)
        from cases.choices import Conclusion

        if unknown := settings.CRITICAL_CONCLUSIONS - set(Conclusion.values):
            raise ImproperlyConfigured(
                f"CRITICAL_CONCLUSIONS names {', '.join(sorted(unknown))}. Known conclusions are: "
                f"{', '.join(Conclusion.values)}."
            )
