"""How servers are reached: `requests`, `urllib3` and `websocket-client` are known here alone."""
