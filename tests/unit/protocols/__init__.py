"""Tests of gradioproxy.protocols."""
