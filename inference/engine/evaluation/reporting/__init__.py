"""An evaluation as a page and pictures: figures with their intervals, curves, group by group."""
