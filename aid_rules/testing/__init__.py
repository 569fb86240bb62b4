"""What a regression suite needs to drive the engine: guide in `tests/README.md`.

`cas` and `plugin` run worked cases in YAML, `instantanes` compares a portfolio with its record, `domaines`, `fautifs`
and `machine` make dossiers with Hypothesis, `proprietes` names the laws that always hold, `mutations` measures how
strong the cases are.
"""
