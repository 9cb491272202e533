"""Colours and fonts of the page."""

import gradio as gr
from gradio.themes import colors, sizes


class Theme(gr.themes.Base):
    """Teal on slate, in light and dark, with system fonts; the rest is in static/style.css."""

    def __init__(self):
        super().__init__(
            primary_hue=colors.teal,
            secondary_hue=colors.teal,
            neutral_hue=colors.slate,
            # Gradio's own sizes are these in pixels, which ignore the visitor's font size.
            text_size=sizes.Size(
                *("0.5625rem", "0.625rem", "0.75rem", "0.875rem", "1rem", "1.375rem", "1.625rem"),
                name="text_rem",
            ),
            radius_size=sizes.radius_lg,
            font=("system-ui", "sans-serif"),
            font_mono=("ui-monospace", "monospace"),
        )
        self.name = "brain-lung-other"
        self.set(
            body_background_fill="*neutral_50",
            body_background_fill_dark="*neutral_950",
            body_text_color="*neutral_900",
            body_text_color_dark="*neutral_100",
            body_text_color_subdued="*neutral_600",
            body_text_color_subdued_dark="*neutral_400",
            background_fill_primary="white",
            background_fill_primary_dark="*neutral_900",
            background_fill_secondary="*neutral_100",
            background_fill_secondary_dark="*neutral_800",
            block_background_fill="white",
            block_background_fill_dark="*neutral_900",
            block_border_color="*neutral_200",
            block_border_color_dark="*neutral_800",
            block_border_width="1px",
            block_border_width_dark="1px",
            block_label_text_color="*neutral_600",
            block_label_text_color_dark="*neutral_300",
            block_shadow="0 1px 2px rgb(15 23 42 / 0.05)",
            block_shadow_dark="none",
            border_color_primary="*neutral_300",
            border_color_primary_dark="*neutral_700",
            border_color_accent="*primary_700",
            border_color_accent_dark="*primary_300",
            # As text, the middle of the hue has too little contrast with the background.
            color_accent="light-dark(#0f766e, #5eead4)",
            link_text_color="*primary_700",
            link_text_color_dark="*primary_300",
            link_text_color_hover="*primary_800",
            link_text_color_hover_dark="*primary_200",
            button_secondary_background_fill="white",
            button_secondary_background_fill_dark="*neutral_900",
            button_secondary_border_color="*neutral_300",
            button_secondary_border_color_dark="*neutral_700",
            button_secondary_text_color="*neutral_700",
            button_secondary_text_color_dark="*neutral_200",
        )
