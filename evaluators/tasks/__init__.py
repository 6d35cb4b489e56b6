"""Measured tasks: what a model answers, beside how its languages align."""
