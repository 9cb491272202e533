"""Languages of visitors, and the labels as the page shows them."""

LABELS = {
    "en-US": {"brain": "brain", "lung": "lung", "other": "other"},
    "fr-FR": {"brain": "cerveau", "lung": "poumon", "other": "autre"},
}

LOCALES = tuple(LABELS)
