"""Small pieces of a page. Every text is escaped here and nowhere else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from typing import NewType

from inference.lab.report.palette import DARK, FAMILY, LIGHT

Html = NewType("Html", str)
NOTHING = "–"


def page(title: str, body: Iterable[Html]) -> str:
    """A whole document that fetches nothing."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_tokens()}\n{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{''.join(body)}</main>\n</body>\n</html>\n"
    )


def section(title: str, body: Iterable[Html]) -> Html:
    """A heading of its own with what belongs to it."""
    return Html(f"<section>\n<h2>{escape(title)}</h2>\n{''.join(body)}</section>\n")


def paragraph(text: str, kind: str = "") -> Html:
    """Plain text. kind: a class of the style sheet."""
    return Html(f'<p class="{escape(kind)}">{escape(text)}</p>\n' if kind else _tag("p", text))


def command(text: str) -> Html:
    """A line to type."""
    return Html(f"<p><code>{escape(text)}</code></p>\n")


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    """The first column names the row; the others are numbers."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    lines = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in rows
    )
    # A frame that scrolls must be reachable by keyboard.
    return Html(
        f'<div class="frame" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{lines}</tbody>\n</table></div>\n"
    )


def picture(caption: str, light: bytes, dark: bytes) -> Html:
    """A PNG in both colour schemes, inside the page."""
    return Html(
        '<figure><picture><source media="(prefers-color-scheme: dark)" '
        f'srcset="{_inline(dark)}"><img src="{_inline(light)}" alt="{escape(caption)}"></picture>'
        f"<figcaption>{escape(caption)}</figcaption></figure>\n"
    )


def gallery(pictures: Iterable[Html]) -> Html:
    """Pictures side by side as far as the window is wide."""
    return Html(f'<div class="gallery">\n{"".join(pictures)}</div>\n')


def share(value: float | None) -> str:
    """0.1234 -> "12.3 %"."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    """Three digits, for what is no share."""
    return NOTHING if value is None else f"{value:.3f}"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>\n"


def _inline(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"


def _tokens() -> str:
    names = (f"  --{name}: light-dark({LIGHT[name]}, {DARK[name]});" for name in LIGHT)
    return "\n".join([":root {", "  color-scheme: light dark;", *names, "}"])


STYLE = f"""
*, *::before, *::after {{ box-sizing: border-box; }}
body {{
  margin: 0; background: var(--ground); color: var(--text);
  font: 0.875rem / 20px {FAMILY}; overflow-wrap: break-word;
}}
main {{ max-inline-size: 1120px; margin-inline: auto; padding: 16px; }}
h1 {{ margin: 0 0 8px; font-size: 1.25rem; line-height: 28px; font-weight: 600; }}
h2 {{ margin: 0 0 8px; font-size: 1rem; font-weight: 600; }}
p {{ margin: 0 0 8px; max-inline-size: 78ch; }}
section {{
  margin-block-start: 16px; padding: 16px; border: 1px solid var(--line); border-radius: 4px;
  background: var(--surface);
}}
code {{
  font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.75rem;
  overflow-wrap: anywhere;
}}
.quiet, figcaption {{ color: var(--text-quiet); font-size: 0.75rem; line-height: 16px; }}
.good {{ color: var(--good); font-weight: 600; }}
.bad {{ color: var(--bad); font-weight: 600; }}
.frame {{ margin-block: 12px; overflow-x: auto; border: 1px solid var(--line); }}
table {{ inline-size: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }}
caption {{ padding: 8px; font-weight: 600; text-align: start; }}
th, td {{ padding: 3px 8px; border-block-start: 1px solid var(--line); }}
th {{ min-inline-size: 12ch; text-align: start; font-weight: 400; }}
td, thead th:not(:first-child) {{ min-inline-size: 0; text-align: end; white-space: nowrap; }}
thead th {{
  color: var(--text-quiet); font-size: 0.75rem; font-weight: 600; vertical-align: bottom;
}}
:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px; }}
.gallery {{
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr));
  gap: 16px; align-items: start; margin-block: 12px;
}}
figure {{ margin: 0; padding: 8px; border: 1px solid var(--line); }}
img {{ display: block; inline-size: 100%; block-size: auto; }}
figcaption {{ margin-block-start: 8px; }}
"""
