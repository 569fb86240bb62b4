"""The evaluators and the inference: from a dossier and the law of its day to an assessment."""
