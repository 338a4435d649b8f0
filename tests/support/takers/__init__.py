"""What takes functions, and calls them: other people's libraries, each as its users use it.

``python -m tests.support.takers`` is run by the Python of an environment that has them.
"""
