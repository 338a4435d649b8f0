"""Tests of gradioproxy.transport."""
