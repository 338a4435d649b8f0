"""Tests of gradioproxy.many."""
