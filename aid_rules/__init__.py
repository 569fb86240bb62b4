"""Moteur de règles pour les aides d'État : qualification, bases légales, intensités et cumul, à la date d'octroi."""

__version__ = "0.1.0"
