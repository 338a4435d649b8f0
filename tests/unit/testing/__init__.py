"""Tests of gradioproxy.hub."""
