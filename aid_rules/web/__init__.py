"""The web face: questionnaire, result, expert view and API. Nothing of a dossier is kept on the server."""
