"""Numbers about attributions; one metric per file."""
