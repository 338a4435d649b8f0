"""Tests of gradioproxy.files."""
