"""What is measured in a fresh interpreter.

Rule: each module is a program that takes turns between what it compares, and prints its numbers as
one JSON object.
"""
