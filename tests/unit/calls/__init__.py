"""Tests of gradioproxy.calls."""
