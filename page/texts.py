"""Every text of the page, in English and French."""

import gradio as gr
from starlette.requests import Request

TEXTS = {
    "title": {"en": "Brain, lung or other?", "fr": "Cerveau, poumon ou autre ?"},
    "purpose": {
        "en": "Drop a picture: a small neural network says what it shows, and how sure it is.",
        "fr": "Déposez une image : un petit réseau de neurones dit ce qu'elle montre, et à quel "
        "point il en est sûr.",
    },
    "tab_try": {"en": "Try it", "fr": "Essayer"},
    "tab_about": {"en": "About the model", "fr": "À propos du modèle"},
    "language": {"en": "en", "fr": "fr"},
    "brain": {"en": "brain", "fr": "cerveau"},
    "lung": {"en": "lung", "fr": "poumon"},
    "other": {"en": "other", "fr": "autre"},
    "empty": {
        "en": "The answer will stand here.",
        "fr": "La réponse s'affichera ici.",
    },
    "waiting": {"en": "Looking at the picture…", "fr": "L'image est examinée…"},
    "failed": {
        "en": "No answer for this file. Try another picture, as a JPEG or a PNG.",
        "fr": "Pas de réponse pour ce fichier. Essayez une autre image, en JPEG ou en PNG.",
    },
    "sure_brain": {
        "en": "This looks like brain imaging.",
        "fr": "Cela ressemble à une imagerie du cerveau.",
    },
    "sure_lung": {
        "en": "This looks like lung imaging.",
        "fr": "Cela ressemble à une imagerie du poumon.",
    },
    "sure_other": {
        "en": "This looks like neither brain nor lung imaging.",
        "fr": "Cela ne ressemble ni à une imagerie du cerveau ni à celle du poumon.",
    },
    "unsure": {
        "en": "The network is unsure. It often helps to crop to the scan, to straighten it, and to "
        "show one panel only.",
        "fr": "Le réseau n'est pas sûr. Il est souvent utile de recadrer sur l'image médicale, de "
        "la redresser et de n'en montrer qu'une seule vue.",
    },
    "why": {"en": "Why this answer?", "fr": "Pourquoi cette réponse ?"},
    "why_empty": {
        "en": "Once a picture is answered, this shows where the network looked.",
        "fr": "Une fois l'image examinée, on voit ici où le réseau a regardé.",
    },
    "why_waiting": {"en": "Looking for the reasons…", "fr": "Les raisons sont recherchées…"},
    "why_alt": {
        "en": "Your picture in dark grey, bright where the network found its answer.",
        "fr": "Votre image en gris foncé, claire là où le réseau a trouvé sa réponse.",
    },
    "why_little": {"en": "says little", "fr": "dit peu"},
    "why_most": {"en": "says most", "fr": "dit le plus"},
    "why_meaning": {
        "en": "Bright places spoke most for the answer, as compared with the rest of this picture; "
        "for “other” they spoke against brain and lung. This shows where the network looked: "
        "neither a disease, nor that the answer is right.",
        "fr": "Les endroits clairs ont le plus compté pour la réponse, par rapport au reste de "
        "l'image ; pour « autre », ils ont parlé contre le cerveau et le poumon. On voit où le "
        "réseau a regardé : ni une maladie, ni que la réponse est juste.",
    },
    "why_method": {
        "en": "Method: HiResCAM (Draelos and Carin, 2020) at two scales, multiplied as in Poly-CAM "
        "(Englebert and others, 2022):",
        "fr": "Méthode : HiResCAM (Draelos et Carin, 2020) à deux échelles, multipliées comme dans "
        "Poly-CAM (Englebert et autres, 2022) :",
    },
    "examples": {
        "en": "Not trained on; the scans are slices of volumes in its external test set.",
        "fr": "Absents de l'entraînement ; les coupes sont de volumes de son jeu de test externe.",
    },
    "example_brain": {"en": "Brain MRI", "fr": "IRM du cerveau"},
    "example_lung": {"en": "Chest CT", "fr": "Scanner du thorax"},
    "example_other": {"en": "Mountains", "fr": "Montagnes"},
    "no_device": {
        "en": "This is not a medical device: do not use it for diagnosis.",
        "fr": "Ceci n'est pas un dispositif médical : ne l'utilisez pas pour un diagnostic.",
    },
    "no_preview": {
        "en": "This format has no preview here.",
        "fr": "Ce format n'a pas d'aperçu ici.",
    },
    "drop": {"en": "Drop a picture, or choose one", "fr": "Déposez une image, ou choisissez-la"},
    "weights_bundled": {
        "en": "Weights: {network}, from the copy that comes with the app",
        "fr": "Poids : {network}, de la copie fournie avec l'application",
    },
    "weights_hub": {
        "en": "Weights: {network}, from {origin}",
        "fr": "Poids : {network}, de {origin}",
    },
    "picture": {"en": "Picture", "fr": "Image"},
    "answer": {"en": "Answer", "fr": "Réponse"},
    "clear": {"en": "Clear", "fr": "Effacer"},
    "examples_label": {"en": "Or try an example", "fr": "Ou essayez un exemple"},
    "no_picture": {"en": "Drop a picture first.", "fr": "Déposez d'abord une image."},
    "not_a_picture": {
        "en": "This file is not a picture that can be read; try a JPEG or a PNG.",
        "fr": "Ce fichier n'est pas une image lisible ; essayez un JPEG ou un PNG.",
    },
    "damaged": {
        "en": "This picture is damaged and cannot be read to its end; try another copy.",
        "fr": "Cette image est endommagée et ne peut être lue jusqu'au bout ; essayez une autre "
        "copie.",
    },
    "too_large": {
        "en": "This picture has too many pixels; send a smaller copy.",
        "fr": "Cette image a trop de pixels ; envoyez une copie plus petite.",
    },
    "too_heavy": {
        "en": "This file has more than 20 MB; send a smaller copy.",
        "fr": "Ce fichier fait plus de 20 Mo ; envoyez une copie plus petite.",
    },
    "too_slow": {
        "en": "The picture did not arrive in time; try again.",
        "fr": "L'image n'est pas arrivée à temps ; réessayez.",
    },
    "busy": {
        "en": "Too many pictures are waiting; try again in a moment.",
        "fr": "Trop d'images attendent ; réessayez dans un instant.",
    },
}


GRADIO_TEXTS = {
    "errors.use_via_api": {"en": "Use via API", "fr": "Utiliser par programme"},
    "image.drop_to_upload": {
        "en": "Drop or choose a picture",
        "fr": "Déposer ou choisir une image",
    },
}
"""Texts of Gradio that read badly, by Gradio's key."""

GRADIO_IN_FRENCH = {
    "Upload file": "Choisir un fichier",
    "Capture from camera": "Utiliser l'appareil photo",
    "Paste from clipboard": "Coller une image",
    "Fullscreen": "Plein écran",
    "Exit fullscreen mode": "Quitter le plein écran",
    "capture photo": "Prendre la photo",
    "Click to Access Webcam": "Autoriser l'appareil photo",
    "Gradio footer navigation": "Pied de page",
}
"""The accessible names that Gradio has in English only."""

LANGUAGES = ("en", "fr")

translate = gr.I18n(
    **{
        language: {key: text[language] for key, text in (TEXTS | GRADIO_TEXTS).items()}
        for language in LANGUAGES
    }
)


def words(*keys: str) -> dict[str, dict[str, str]]:
    """Texts for a component's template: by language, then by key, "language" among them."""
    return {
        language: {key: TEXTS[key][language] for key in ("language", *keys)}
        for language in LANGUAGES
    }


def language_of(request: gr.Request | Request | None) -> str:
    """The language, "en" or "fr", that the sender of a request prefers; "en" without a request."""
    accepted = request.headers.get("accept-language", "") if request else ""
    return "fr" if accepted.lower().startswith("fr") else "en"
