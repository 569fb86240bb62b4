"""Two small dossiers: a sound one, and one whose plan is blocked."""

from __future__ import annotations

SAIN = """
intitule: Atelier d'Émile – découpe à façon
date_octroi: 2024-03-15
beneficiaire: {categorie: petite, nom: Émile & fils}
projet:
  couts:
    - {id: machines, poste: actifs_corporels, finalite: investissement_initial, montant_eur: 100000}
"""

BLOQUANT = (
    SAIN
    + """
aides:
  - id: region
    base: de_minimis.general
    forme: subvention
    montant_eur: 900000
    financeur: {type: region}
    couts: [machines]
    statut: prevue
"""
)
