"""axe-core on a page: what somebody who cannot see it, or has no mouse, would stumble over."""

from __future__ import annotations

from typing import Any

from django.conf import settings

SOURCE = settings.NODE_MODULES / "axe-core" / "axe.min.js"
_RUN = """async (rules) => {
    const only = rules.length ? { runOnly: { type: "rule", values: rules } } : {};
    const found = await axe.run(document, { resultTypes: ["violations"], ...only });
    return found.violations.map((one) => ({
        rule: one.id, impact: one.impact, where: one.nodes.map((node) => node.target.join(" ")),
    }));
}"""
COLOURS = ("color-contrast",)
"""All that another colour scheme can change."""


def violations(tab: Any, rules: tuple[str, ...] = ()) -> set[str]:
    """What axe holds against the page as it is now: "impact rule: first place (how many)"."""
    if not tab.evaluate("typeof axe === 'object'"):
        tab.evaluate(SOURCE.read_text())
    return {
        f"{one['impact']} {one['rule']}: {one['where'][0]} ({len(one['where'])})"
        for one in tab.evaluate(_RUN, list(rules))
    }
