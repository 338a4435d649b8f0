"""The rows of the table: what is measured, and what is wanted of it.

Rule: a module has functions without arguments that yield rows; they run the servers and the
measurements.
"""
