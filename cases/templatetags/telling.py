"""Critical results and mail choices, for pages whose own view need not know of them."""

from __future__ import annotations

from typing import Any

from django import template

from cases.choices import NoticeKind
from cases.models import Case
from cases.selectors.critical import critical_of
from cases.selectors.notices import wanted_kinds
from cases.services.looking import criticals_seen
from cases.services.notices.choosing import OPTIONAL

register = template.Library()


@register.inclusion_tag("cases/critical_panel.html", takes_context=True)
def critical_panel(context: dict[str, Any], case: Case) -> dict[str, Any]:
    """The critical result of `case`, if there is one, kept fresh by the live line."""
    return {**_base(context), "case": case, "critical": critical_of(case, context["actor"])}


@register.inclusion_tag("cases/critical_banner.html", takes_context=True)
def critical_banner(context: dict[str, Any]) -> dict[str, Any]:
    """All critical results that this person must act on."""
    return {**_base(context), "criticals": criticals_seen(actor=context["actor"])}


@register.inclusion_tag("cases/notice_choices.html", takes_context=True)
def notice_choices(context: dict[str, Any]) -> dict[str, Any]:
    """What is mailed to this person, with a switch for each kind that has one."""
    wanted = wanted_kinds(context["actor"])
    kinds = [(kind, kind.label, kind in wanted) for kind in OPTIONAL]
    return {**_base(context), "kinds": kinds, "critical": NoticeKind.CRITICAL.label}


def _base(context: dict[str, Any]) -> dict[str, Any]:
    return {"actor": context["actor"], "csrf_token": context.get("csrf_token")}
