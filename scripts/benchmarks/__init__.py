"""Measurements of gradioproxy beside gradio_client and bare requests, against real servers.

Rule: each measurement is a module that runs in a process of its own, takes turns between what it
compares, and prints its numbers as one JSON object; `scripts/bench` runs them all.
"""
