"""What a release is held to: what is built from the tree, and with which versions it works.

Rule: nothing is taken from this machine but interpreters. What is built comes from the files that
git tracks, and each check runs in an environment that was empty.
"""
