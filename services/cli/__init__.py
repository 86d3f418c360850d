"""The command line, and the embedded default."""
