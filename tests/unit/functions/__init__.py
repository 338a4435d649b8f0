"""Tests of gradioproxy.functions."""
