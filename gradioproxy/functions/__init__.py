"""Python functions made of endpoints."""
