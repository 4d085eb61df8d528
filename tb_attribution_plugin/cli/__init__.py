"""The command line: one file per command; what it needs is imported when the command runs."""
