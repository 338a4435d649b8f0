"""Tests of gradioproxy.values."""
