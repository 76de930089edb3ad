"""Text on paper in every script that a free font is at hand for: shaped, selectable, searchable.

Knows nothing of cases: words in, glyphs and PDF objects out. From the bottom up:
`faces` (which font has a sign), `bidi` (what runs from the right), `shaping` (HarfBuzz),
`lines` (where a line ends), `outlines` and `embedding` (into the PDF), `paragraph` (what ReportLab
flows). Nothing is imported here: who only asks `faces` needs no ReportLab.
"""
