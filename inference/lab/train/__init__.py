"""Learning: from data to a model in memory. Knows no package and no report."""
