"""The pool's classes for connections through a SOCKS proxy; loaded where PySocks is there."""

from __future__ import annotations

from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection

from . import pool


class TrackedConnection(pool.TrackedConnection, SOCKSConnection):
    """A connection that is made by a SOCKS proxy."""

    is_direct = False


class TrackedTLSConnection(pool.TrackedTLSConnection, SOCKSHTTPSConnection):
    """The same over TLS."""

    is_direct = False


class VerifyingPool(pool.VerifyingPool):
    """A pool of such connections."""

    ConnectionCls = TrackedConnection


class VerifyingTLSPool(pool.VerifyingTLSPool):
    """The same over TLS."""

    ConnectionCls = TrackedTLSConnection
