"""Moteur de règles pour les aides d'État : qualification, bases légales, intensités et cumul, à la date d'octroi."""
