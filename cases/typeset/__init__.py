"""Text on paper in every script that a free font is at hand for: shaped, selectable, searchable.

Knows nothing of cases: words in, glyphs and PDF objects out. From the bottom up:
`faces` (which font has a sign), `bidi` (what runs from the right), `shaping` (HarfBuzz),
`lines` (where a line ends), `embedding` (fonts inside the PDF), `paragraph` (what ReportLab flows).
"""

from cases.typeset.faces import Unprintable, unprintable
from cases.typeset.paragraph import ShapedText, Style, draw_words

__all__ = ["ShapedText", "Style", "Unprintable", "draw_words", "unprintable"]
