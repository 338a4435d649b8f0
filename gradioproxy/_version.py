"""The version of this package, for people, for reports and for `setup.cfg`."""

__version__ = "0.1.0"
