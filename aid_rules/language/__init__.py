"""The ruleset language: files, vocabulary, expressions, dates, checks."""
