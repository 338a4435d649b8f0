"""Apps as an MCP server: a tool for each of their functions; on the official SDK, an extra."""
