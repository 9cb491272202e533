"""A bare Interface with a constant prediction: what Gradio itself costs."""

import gradio as gr

demo = gr.Interface(
    lambda image: {"brain": 0.97, "lung": 0.02, "other": 0.01},
    gr.Image(type="filepath", image_mode=None),
    gr.Label(),
    live=True,
    flagging_mode="never",
    analytics_enabled=False,
    api_name="predict",
)
demo.queue(max_size=64, default_concurrency_limit=2)
demo.launch(prevent_thread_lock=True, ssr_mode=False)
print("weights: none", flush=True)  # RunningApp waits for this line.
demo.block_thread()
