"""What programs are told: by ``view_api()``, the page's "Use via API" and as MCP tools."""

from gradio.i18n import I18nData

from page.i18n import TEXTS
from page.uploads import PrivateBlocks

PREDICT = (
    "Say whether a picture shows brain imaging (MRI, CT, PET), lung imaging (chest X-ray, CT) or "
    "something other. Use it to sort pictures by what they show; it is not a medical device and "
    "says nothing about health. Returns the top_label label and the confidence of each of brain, "
    "lung and other, 0 to 1, which sum to 1; a low highest confidence means that it is unsure."
)

EXPLAIN = (
    "Show where the network looked when it answered. Use it on a picture that /predict has "
    "answered, to see why. Returns the picture with heat laid over what spoke for the answer."
)


class EnglishApiBlocks(PrivateBlocks):
    """Blocks that name their inputs and outputs to programs, which have no translation of them."""

    def get_api_info(self, *arguments, **options):
        """What ``gr.Blocks`` tells, with labels in English."""
        info = super().get_api_info(*arguments, **options)
        for endpoint in info["named_endpoints"].values():
            for value in endpoint["parameters"] + endpoint["returns"]:
                if isinstance(value["label"], I18nData):
                    value["label"] = TEXTS[value["label"].key]["en"]
        return info
