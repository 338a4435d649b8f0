"""Processes, terminals, notebooks and other people's libraries."""
