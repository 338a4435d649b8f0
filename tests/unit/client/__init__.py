"""Tests of gradioproxy.client."""
