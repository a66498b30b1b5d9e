"""What a run looks like to people: report.json, tables on a terminal, progress while it goes."""
