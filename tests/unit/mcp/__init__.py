"""Tests of the MCP server's parts."""
