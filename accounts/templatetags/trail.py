"""The audit log in words."""

from __future__ import annotations

from django import template
from django.urls import reverse

from accounts.actions import said
from accounts.actors import Actor
from accounts.models import AuditEvent

register = template.Library()

_PAGES = {
    "case": "cases:case_detail",
    "patient": "cases:patient_detail",
    "user": "accounts:user_detail",
    "organisation": "accounts:organisation_detail",
    "modelversion": "inference:model_detail",
}
_OF_PATIENTS = {"case", "patient"}

register.filter("said", said)


@register.simple_tag
def page_of(event: AuditEvent, actor: Actor) -> str:
    """Address of the page about what `event` is about; empty where `actor` would find none."""
    page = _PAGES.get(event.object_type)
    if page is None or (event.object_type in _OF_PATIENTS and not _sees_patients(event, actor)):
        return ""
    return reverse(page, args=[event.object_id])


def _sees_patients(event: AuditEvent, actor: Actor) -> bool:
    return event.chain in actor.administers | actor.clinics_overseen
