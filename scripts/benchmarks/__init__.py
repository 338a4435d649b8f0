"""Measurements of gradioproxy beside gradio_client and the same by hand.

Rule: what is compared takes turns in one run, and the ratio counts; `scripts/bench` runs them all.
"""
