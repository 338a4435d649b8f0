"""Calls under way: jobs, the lanes that carry them, and the threads behind them."""
