"""The texts of the tab about the model, and the names that result files use, in both languages."""

TEXTS = {
    "right_answers": {"en": "right answers", "fr": "de bonnes réponses"},
    "tile_val": {
        "en": "on {pictures} other pictures of the {sources} origins it was trained on",
        "fr": "sur {pictures} autres images des {sources} origines de son entraînement",
    },
    "tile_external": {
        "en": "on {pictures} pictures of {sources} origins it had never seen: expect this",
        "fr": "sur {pictures} images de {sources} origines jamais vues : attendez-vous à cela",
    },
    "tile": {
        "en": "on {pictures} pictures of {sources} origins",
        "fr": "sur {pictures} images de {sources} origines",
    },
    "interval_note": {
        "en": "Ranges are 95% intervals of a bootstrap over origins: pictures of one origin "
        "resemble each other, so the number of origins says how far a figure carries.",
        "fr": "Les plages sont des intervalles à 95 % d'un bootstrap sur les origines : les images "
        "d'une même origine se ressemblent, c'est donc le nombre d'origines qui dit la portée "
        "d'un chiffre.",
    },
    "splits_note": {
        "en": "Validation holds other pictures of the origins in training, and the confidences "
        "were calibrated on it. External holds origins that nothing was trained, tuned or "
        "calibrated on, though finished candidates may have been chosen by it: it is the honest "
        "figure.",
        "fr": "La validation contient d'autres images des origines de l'entraînement, et a servi à "
        "calibrer les confiances. Le test externe contient des origines sur lesquelles rien n'a "
        "été entraîné, réglé ni calibré, même si des candidats finis ont pu être départagés par "
        "lui : c'est le chiffre honnête.",
    },
    "no_device": {
        "en": "This is not a medical device: it says what a picture shows, nothing about "
        "anybody's health.",
        "fr": "Ceci n'est pas un dispositif médical : il dit ce que montre une image, rien de la "
        "santé de quiconque.",
    },
    "results": {"en": "Measured results", "fr": "Résultats mesurés"},
    "results_caption": {"en": "All classes together", "fr": "Toutes classes confondues"},
    "figure": {"en": "Figure", "fr": "Mesure"},
    "pictures_of_sources": {
        "en": "{pictures} pictures, {sources} origins",
        "fr": "{pictures} images, {sources} origines",
    },
    "balanced_accuracy": {"en": "Balanced accuracy", "fr": "Exactitude équilibrée"},
    "accuracy": {"en": "Accuracy", "fr": "Exactitude"},
    "auroc_other": {"en": "AUROC of “other”", "fr": "AUROC de « autre »"},
    "expected_calibration_error": {
        "en": "Expected calibration error",
        "fr": "Erreur de calibration attendue",
    },
    "brier_score": {"en": "Brier score (0 to 2)", "fr": "Score de Brier (0 à 2)"},
    "recall": {"en": "Recall", "fr": "Rappel"},
    "precision": {"en": "Precision", "fr": "Précision"},
    "f1": {"en": "F1 score", "fr": "Score F1"},
    "by_class": {"en": "By class", "fr": "Par classe"},
    "by_class_note": {
        "en": "Recall: how many pictures of the class are recognised. Precision: how many of the "
        "answers with this class are right.",
        "fr": "Rappel : part des images de la classe qui sont reconnues. Précision : part des "
        "réponses de cette classe qui sont justes.",
    },
    "by_source": {"en": "By origin", "fr": "Par origine"},
    "by_source_summary": {
        "en": "{split}: recall of each of {sources} origins, lowest first",
        "fr": "{split} : rappel de chacune des {sources} origines, le plus faible d'abord",
    },
    "class": {"en": "Class", "fr": "Classe"},
    "source": {"en": "Origin", "fr": "Origine"},
    "pictures": {"en": "Pictures", "fr": "Images"},
    "confusion": {"en": "What is taken for what", "fr": "Ce qui est pris pour quoi"},
    "confusion_caption": {
        "en": "{split}: pictures of each class (rows) by the answer they got (columns)",
        "fr": "{split} : images de chaque classe (lignes) selon la réponse reçue (colonnes)",
    },
    "truth": {"en": "Truth", "fr": "Vérité"},
    "sureness": {"en": "How far its confidence can be trusted", "fr": "Ce que vaut sa confiance"},
    "sureness_note": {
        "en": "Were it perfectly calibrated, the dots would lie on the dashed line: of the answers "
        "with a confidence of 80%, 80% would be right. The larger a dot, the more pictures.",
        "fr": "Si elle était parfaitement calibrée, les points seraient sur la ligne pointillée : "
        "parmi les réponses données avec une confiance de 80 %, 80 % seraient justes. Plus un "
        "point est grand, plus il y a d'images.",
    },
    "confidence": {"en": "Confidence of the answer", "fr": "Confiance de la réponse"},
    "how_often_right": {
        "en": "{split}: how often the answer is right",
        "fr": "{split} : fréquence des bonnes réponses",
    },
    "reliability_description": {
        "en": "Expected calibration error {error}. Most answers, {share} of the pictures, have a "
        "mean confidence of {confidence}; {accuracy} of them are right.",
        "fr": "Erreur de calibration attendue {error}. La plupart des réponses, {share} des "
        "images, ont une confiance moyenne de {confidence} ; {accuracy} d'entre elles sont justes.",
    },
    "threshold_caption": {
        "en": "Below a confidence of {below} the page says that it is unsure",
        "fr": "Sous une confiance de {below}, la page dit qu'elle n'est pas sûre",
    },
    "unsure_share": {"en": "It is unsure of", "fr": "Elle n'est pas sûre pour"},
    "selective_accuracy": {"en": "Right when sure", "fr": "Juste quand elle est sûre"},
    "rejected_accuracy": {"en": "Right when unsure", "fr": "Juste quand elle ne l'est pas"},
    "robustness": {"en": "Unconventional pictures", "fr": "Images peu conventionnelles"},
    "robustness_note": {
        "en": "Balanced accuracy when all {pictures} pictures of the split “{split}” are altered "
        "this way; bars are intervals. Over all alterations the mean is {means}. Training varies "
        "pictures in kindred ways, by other code, so most of these are not news to the network.",
        "fr": "Exactitude équilibrée quand les {pictures} images du jeu « {split} » sont toutes "
        "altérées ainsi ; les barres sont les intervalles. La moyenne de toutes les altérations "
        "est de {means}. L'entraînement varie les images de manière voisine, par un autre code : "
        "la plupart de ces altérations ne sont pas nouvelles pour le réseau.",
    },
    "mean_of": {"en": "{mean} ({network})", "fr": "{mean} ({network})"},
    "robustness_caption": {
        "en": "Balanced accuracy by alteration",
        "fr": "Exactitude équilibrée par altération",
    },
    "alteration": {"en": "Alteration", "fr": "Altération"},
    "interval": {"en": "Interval", "fr": "Intervalle"},
    "ood": {"en": "Pictures that show nothing", "fr": "Images qui ne montrent rien"},
    "ood_note": {
        "en": "Pictures made on the spot, that should all be “other”: how many are called brain or "
        "lung with a confidence above {half}, and how high the confidence in brain or lung is.",
        "fr": "Images fabriquées, qui devraient toutes être « autre » : combien sont dites cerveau "
        "ou poumon avec une confiance supérieure à {half}, et jusqu'où monte la confiance en "
        "cerveau ou poumon.",
    },
    "ood_caption": {
        "en": "Confidence in brain or lung",
        "fr": "Confiance en cerveau ou poumon",
    },
    "kind": {"en": "Kind", "fr": "Genre"},
    "pictures_alone": {"en": "{pictures} pictures", "fr": "{pictures} images"},
    "above_half": {"en": "Above {half}", "fr": "Plus de {half}"},
    "median": {"en": "Median", "fr": "Médiane"},
    "ninth_decile": {"en": "9 in 10 below", "fr": "9 sur 10 sous"},
    "highest": {"en": "Highest", "fr": "Maximum"},
    "comparison": {"en": "Beside other networks", "fr": "À côté d'autres réseaux"},
    "comparison_note": {
        "en": "All on the same pictures. The original network is that of the project this one "
        "continues, trained again by its recipe; the linear probe is the simple baseline: one "
        "trained layer on ImageNet features.",
        "fr": "Tous sur les mêmes images. Le réseau d'origine est celui du projet que celui-ci "
        "prolonge, réentraîné selon sa recette ; la sonde linéaire est la référence simple : une "
        "seule couche entraînée sur des caractéristiques ImageNet.",
    },
    "comparison_caption": {"en": "Networks side by side", "fr": "Réseaux côte à côte"},
    "recall_of": {"en": "Recall of {label}", "fr": "Rappel de {label}"},
    "cost": {"en": "Cost", "fr": "Coût"},
    "bytes": {"en": "Weights file", "fr": "Fichier des poids"},
    "megabytes": {"en": "{number} MB", "fr": "{number} Mo"},
    "milliseconds": {"en": "One picture, median", "fr": "Une image, médiane"},
    "limits": {"en": "Limits", "fr": "Limites"},
    "limit_labels": {
        "en": "It always answers with one of three labels; nothing but a low confidence says that "
        "it does not know.",
        "fr": "Il répond toujours par l'une des trois classes ; seule une confiance faible dit "
        "qu'il ne sait pas.",
    },
    "limit_sources": {
        "en": "On origins it had never seen it recognises least of: {sources}.",
        "fr": "Parmi les origines jamais vues, il reconnaît le moins : {sources}.",
    },
    "limit_alterations": {
        "en": "The alterations that harm it most: {alterations}.",
        "fr": "Les altérations qui lui nuisent le plus : {alterations}.",
    },
    "limit_ood": {
        "en": "Of pictures that show nothing, {kind} deceives it most: {share} are called brain or "
        "lung with a confidence above {half}.",
        "fr": "Parmi les images qui ne montrent rien, « {kind} » le trompe le plus : {share} sont "
        "dites cerveau ou poumon avec une confiance supérieure à {half}.",
    },
    "limit_data": {
        "en": "It learned from a limited number of origins, some of them small and uniform.",
        "fr": "Il a appris d'un nombre limité d'origines, dont certaines petites et uniformes.",
    },
    "training": {"en": "Training", "fr": "Entraînement"},
    "training_caption": {"en": "Settings", "fr": "Réglages"},
    "setting": {"en": "Setting", "fr": "Réglage"},
    "value": {"en": "Value", "fr": "Valeur"},
    "initial_weights": {"en": "Starts from", "fr": "Départ"},
    "imagenet": {"en": "ImageNet weights", "fr": "poids ImageNet"},
    "random": {"en": "random weights", "fr": "poids aléatoires"},
    "released": {
        "en": "the weights released before",
        "fr": "les poids publiés auparavant",
    },
    "trained_pictures": {"en": "Pictures trained on", "fr": "Images d'entraînement"},
    "samples_per_epoch": {"en": "Pictures per epoch", "fr": "Images par époque"},
    "sampled_evenly": {
        "en": "{draws}, drawn evenly over classes and origins",
        "fr": "{draws}, tirées également entre classes et origines",
    },
    "every_once": {"en": "each once", "fr": "chacune une fois"},
    "epochs": {"en": "Epochs", "fr": "Époques"},
    "batch_size": {"en": "Pictures per step", "fr": "Images par pas"},
    "learning_rate": {"en": "Learning rate (Adam)", "fr": "Taux d'apprentissage (Adam)"},
    "augmented": {"en": "Pictures varied at random", "fr": "Images variées au hasard"},
    "averaged": {"en": "Weights", "fr": "Poids"},
    "average_of": {
        "en": "the average of {count} from such runs",
        "fr": "la moyenne de {count} issus de tels entraînements",
    },
    "yes": {"en": "yes", "fr": "oui"},
    "no": {"en": "no", "fr": "non"},
    "seed": {"en": "Seed", "fr": "Graine"},
    "versions": {"en": "Versions", "fr": "Versions"},
    "epoch": {"en": "Epoch", "fr": "Époque"},
    "curve_loss": {"en": "Loss", "fr": "Perte"},
    "curve_accuracy": {"en": "Accuracy", "fr": "Exactitude"},
    "curve_description": {
        "en": "After {epochs} epochs: {training} in training (running mean), {validation} in "
        "validation.",
        "fr": "Après {epochs} époques : {training} à l'entraînement (moyenne courante), "
        "{validation} en validation.",
    },
    "curve_training": {
        "en": "training (running mean)",
        "fr": "entraînement (moyenne courante)",
    },
    "curve_training_varied": {
        "en": "training (running mean, on varied pictures, which are harder)",
        "fr": "entraînement (moyenne courante, sur des images variées, plus difficiles)",
    },
    "curve_validation": {"en": "validation", "fr": "validation"},
    "data": {"en": "Where the pictures come from", "fr": "D'où viennent les images"},
    "data_note": {
        "en": "The pictures are not part of the app. Their licences differ; some are unknown or "
        "forbid commercial use.",
        "fr": "Les images ne font pas partie de l'application. Leurs licences diffèrent ; "
        "certaines sont inconnues ou interdisent l'usage commercial.",
    },
    "data_caption": {
        "en": "Pictures, and the origins they come from",
        "fr": "Images, et origines dont elles viennent",
    },
    "sources_alone": {"en": "{sources} origins", "fr": "{sources} origines"},
    "all": {"en": "All", "fr": "Toutes"},
    "data_summary": {
        "en": "All {sources} origins with their licences",
        "fr": "Les {sources} origines et leurs licences",
    },
    "taken_from": {"en": "Taken from", "fr": "Tiré de"},
    "licence": {"en": "Licence as stated there", "fr": "Licence indiquée"},
    "weights_running": {"en": "Which weights are running", "fr": "Les poids utilisés"},
    "network_layers": {"en": "The network, layer by layer", "fr": "Le réseau, couche par couche"},
    "network": {"en": "Network", "fr": "Réseau"},
    "weights": {"en": "Weights", "fr": "Poids"},
    "weights_hub": {"en": "from the Hugging Face Hub: {origin}", "fr": "du Hub : {origin}"},
    "weights_bundled": {
        "en": "the copy bundled with the app, since the Hub did not give them ({reason})",
        "fr": "la copie livrée avec l'application, car le Hub ne les a pas donnés ({reason})",
    },
    "sha256": {"en": "sha256 of the weights", "fr": "sha256 des poids"},
    "temperature": {"en": "Temperature", "fr": "Température"},
    "temperature_value": {
        "en": "{temperature}: divides the logits, so that confidences mean what they say",
        "fr": "{temperature} : divise les logits, pour que les confiances disent vrai",
    },
    "input": {"en": "Input", "fr": "Entrée"},
    "layers": {"en": "Layers", "fr": "Couches"},
    "parameters": {"en": "Parameters", "fr": "Paramètres"},
    "parameters_value": {
        "en": "{parameters} ({trainable} trainable)",
        "fr": "{parameters} (dont {trainable} entraînables)",
    },
    "stages_caption": {
        "en": "From the picture to the three labels",
        "fr": "De l'image aux trois classes",
    },
    "output": {"en": "Output", "fr": "Sortie"},
    "layers_summary": {"en": "All {layers} layers", "fr": "Les {layers} couches"},
    "layer": {"en": "Layer", "fr": "Couche"},
}

_NAMES = {
    "brain": ("brain", "cerveau"),
    "lung": ("lung", "poumon"),
    "other": ("other", "autre"),
    "train": ("Training", "Entraî\N{SOFT HYPHEN}ne\N{SOFT HYPHEN}ment"),
    "val": ("Valida\N{SOFT HYPHEN}tion", "Valida\N{SOFT HYPHEN}tion"),
    "external": ("External", "Externe"),
    "efficientnet_lite0": (
        "Efficient\N{SOFT HYPHEN}Net-Lite0",
        "Efficient\N{SOFT HYPHEN}Net-Lite0",
    ),
    "finetuned": (
        "Efficient\N{SOFT HYPHEN}Net-Lite0, fine-tuned",
        "Efficient\N{SOFT HYPHEN}Net-Lite0, affiné",
    ),
    "linear_probe": ("linear probe", "sonde linéaire"),
    "original": ("original", "d'origine"),
    "as it is": ("as it is", "telle quelle"),
    "turned 90°": ("turned 90°", "tournée de 90°"),
    "turned 180°": ("turned 180°", "tournée de 180°"),
    "turned 270°": ("turned 270°", "tournée de 270°"),
    "mirrored": ("mirrored", "en miroir"),
    "upside down": ("upside down", "tête en bas"),
    "60 % crop": ("60% crop", "rognée à 60 %"),
    "white margins": ("white margins", "marges blanches"),
    "black margins": ("black margins", "marges noires"),
    "inverted": ("inverted", "en négatif"),
    "low contrast": ("low contrast", "peu contrastée"),
    "high contrast": ("high contrast", "très contrastée"),
    "dark": ("dark", "sombre"),
    "bright": ("bright", "claire"),
    "blur": ("blur", "floue"),
    "noise": ("noise", "bruit"),
    "JPEG 10": ("JPEG, quality 10", "JPEG, qualité 10"),
    "48 pixels": ("48 pixels", "48 pixels"),
    "colour map": ("false colours", "fausses couleurs"),
    "tint": ("tint", "teinte"),
    "arrows": ("arrows", "flèches"),
    "text": ("text", "texte"),
    "film": ("photo of a film", "photo d'un film"),
    "screen": ("photo of a screen", "photo d'un écran"),
    "page": ("on a page of text", "page de texte"),
    "window": ("in a window", "dans une fenêtre"),
    "4 panels": ("one of 4 panels", "une vue sur 4"),
    "3 panels": ("one of 3 panels", "une vue sur 3"),
    "blank": ("blank", "vide"),
    "texture": ("texture", "texture"),
    "drawing": ("drawing", "dessin"),
}

NAMES = {name: dict(zip(("en", "fr"), words, strict=True)) for name, words in _NAMES.items()}
