"""What every form of a page carries."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.once import DRAFT, TOKEN

register = template.Library()
_HIDDEN = '<input type="hidden" name="{}" value="{}">'


@register.simple_tag(takes_context=True)
def form_token(context: dict[str, Any], draft_key: str = "") -> SafeString:
    """Proof of this site, a token of this one form, and the name of its draft, if it has one."""
    fields = [("csrfmiddlewaretoken", str(context.get("csrf_token", ""))), (TOKEN, str(uuid4()))]
    return format_html_join("", _HIDDEN, [*fields, (DRAFT, draft_key)][: 3 if draft_key else 2])
