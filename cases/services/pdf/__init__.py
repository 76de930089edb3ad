"""Reports on paper (A4, ReportLab)."""
