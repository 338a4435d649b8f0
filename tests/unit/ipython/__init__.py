"""Tests of gradioproxy.ipython."""
