"""Gradio apps that the tests run against; each module has `build()`, which returns its Blocks."""

CONCURRENCY = 64
"""How many calls of one function run at a time, where an endpoint does not say otherwise."""
