"""Tests of gradioproxy.schema."""
