"""What click says, in French. Click reads its messages through gettext; this is its catalogue."""

from __future__ import annotations

from importlib import import_module

CATALOGUE = {
    "Usage:": "Usage :",
    "Usage: ": "Usage : ",
    "Options": "Options",
    "Commands": "Commandes",
    "Error": "Erreur",
    "Error: {message}": "Erreur : {message}",
    "Show this message and exit.": "Affiche cette aide.",
    "Show the version and exit.": "Affiche la version.",
    "Try '{command} {option}' for help.": "Essayez « {command} {option} ».",
    "Missing command.": "Il manque une commande.",
    "No such command {name!r}.": "Commande inconnue : {name!r}.",
    "No such option: {name}": "Option inconnue : {name}",
    "No such option {name!r}.": "Option inconnue : {name!r}.",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
    "(Possible options: {possibilities})": "(options possibles : {possibilities})",
    "(Did you mean one of: {possibilities}?)": "(vouliez-vous dire : {possibilities} ?)",
    "Positional arguments": "Arguments",
    "Argument {name!r} takes {nargs} values.": "L'argument {name!r} demande {nargs} valeurs.",
    "Option {name!r} requires {nargs} arguments.": "L'option {name!r} demande {nargs} valeurs.",
    "Takes {nargs} values but 1 was given.": "{nargs} valeurs sont attendues, une seule est donnée.",
    "Takes {nargs} values but {len} were given.": "{nargs} valeurs sont attendues, {len} sont données.",
    "{name} {filename!r} is not executable.": "{name} {filename!r} n'est pas exécutable.",
    "Got unexpected extra argument ({args})": "Argument de trop : {args}",
    "Got unexpected extra arguments ({args})": "Arguments de trop : {args}",
    "Missing argument": "Argument manquant",
    "Missing option": "Option manquante",
    "Missing parameter": "Paramètre manquant",
    "Missing {param_type}": "{param_type} manquant",
    "Missing parameter: {param_name}": "Paramètre manquant : {param_name}",
    "Choose from:\n\t{choices}": "Valeurs admises :\n\t{choices}",
    "Invalid value: {message}": "Valeur non admise : {message}",
    "Invalid value for {param_hint}: {message}": "Valeur non admise pour {param_hint} : {message}",
    "{value!r} is not one of {choices}.": "{value!r} n'est pas parmi {choices}.",
    "{value!r} is not {choice}.": "{value!r} n'est pas {choice}.",
    "{value!r} is not a valid {number_type}.": "{value!r} n'est pas un nombre admis.",
    "{value} is not in the range {range}.": "{value} n'est pas dans l'intervalle {range}.",
    "{name} {filename!r} does not exist.": "{name} {filename!r} introuvable.",
    "{name} {filename!r} is a directory.": "{name} {filename!r} est un dossier.",
    "{name} {filename!r} is a file.": "{name} {filename!r} est un fichier.",
    "{name} {filename!r} is not readable.": "{name} {filename!r} n'est pas lisible.",
    "{name} {filename!r} is not writable.": "{name} {filename!r} n'est pas inscriptible.",
    "Could not open file {filename!r}: {message}": "Fichier {filename!r} illisible : {message}",
    "File": "Le fichier",
    "file": "Le fichier",
    "Directory": "Le dossier",
    "directory": "Le dossier",
    "Path": "Le chemin",
    "path": "Le chemin",
    "Option {name!r} requires an argument.": "L'option {name!r} demande une valeur.",
    "Option {name!r} does not take a value.": "L'option {name!r} ne prend pas de valeur.",
    "required": "obligatoire",
    "default: {default}": "par défaut : {default}",
    "(dynamic)": "(calculé)",
    "Aborted!": "Interrompu.",
    "unknown error": "erreur inconnue",
}

_MODULES = ("core", "decorators", "exceptions", "formatting", "parser", "types", "termui")


def _one(message: str) -> str:
    return CATALOGUE.get(message, message)


def _many(singular: str, plural: str, number: int) -> str:
    return _one(singular if number == 1 else plural)


def install() -> None:
    """Give click its French catalogue."""
    for name in _MODULES:
        module = import_module(f"click.{name}")
        if hasattr(module, "_"):
            module._ = _one  # type: ignore[attr-defined]
        if hasattr(module, "ngettext"):
            module.ngettext = _many  # type: ignore[attr-defined]
