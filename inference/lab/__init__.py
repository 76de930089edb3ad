"""The laboratory: trains, evaluates, audits, publishes and reports models. Nothing imports it."""
