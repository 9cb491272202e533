"""Why the Hub gave no weights, which model.weights says in English, in the visitor's language."""

import re

_FRENCH = {
    r"no answer within (.+) s": r"pas de réponse en \1 s",
    r"its file is not the released one": "son fichier n'est pas celui de la version publiée",
    r"it answered with another commit": "il a répondu avec un autre commit",
    r"it cannot be reached": "il est injoignable",
    r"there is no such repository, or it is private": "ce dépôt n'existe pas ou est privé",
    r"there is no such revision": "cette révision n'existe pas",
    r"it has no such file": "il n'a pas ce fichier",
    r"it answered with HTTP status (\d+)": r"il a répondu par le statut HTTP \1",
    r"this is no name of a repository": "ce n'est pas un nom de dépôt",
    r"the download failed \((\w+)\)": r"le téléchargement a échoué (\1)",
}


def reason_in(language: str, reason: str) -> str:
    """A ``Weights.reason`` in a language, "en" or "fr"."""
    if language == "fr":
        for english, french in _FRENCH.items():
            reason = re.sub(f"{english}$", french, reason)
    return reason
