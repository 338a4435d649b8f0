"""Tests of gradioproxy.cli."""
