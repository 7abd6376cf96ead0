"""Peers: what others make of the same work, installed in an environment of their own."""
