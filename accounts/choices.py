"""Enumerations of people and organisations."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    CLINIC = "clinic", _("Clinic")
    LABORATORY = "laboratory", _("Laboratory")


class Role(models.TextChoices):
    SUBMITTER = "submitter", _("Submitter")
    PATHOLOGIST = "pathologist", _("Pathologist")
    ADMINISTRATOR = "administrator", _("Administrator")


class TokenScope(models.TextChoices):
    """What a machine client may do. There is no scope for signing, and there never will be."""

    CASES_READ = "cases:read", _("Read cases and results")
    CASES_WRITE = "cases:write", _("Submit cases and images, and read them")


ROLES_BY_KIND = {
    OrganisationKind.CLINIC: frozenset({Role.SUBMITTER, Role.ADMINISTRATOR}),
    OrganisationKind.LABORATORY: frozenset({Role.PATHOLOGIST, Role.ADMINISTRATOR}),
}
