"""Writes results: the public model, text, JSON."""
