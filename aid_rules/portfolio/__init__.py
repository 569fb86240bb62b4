"""Portfolios: many dossiers at once, from the user's own table to results, alerts, missing facts and statistics."""
