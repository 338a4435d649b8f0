"""Reaching servers: only this package knows `requests`, `urllib3` and `websocket-client`."""
