"""The page's components around a constant: what Gradio itself costs."""

import os

import gradio as gr

demo = gr.Interface(
    lambda picture: {"brain": 0.97, "lung": 0.02, "other": 0.01},
    gr.Image(type="filepath", image_mode=None),
    gr.Label(),
    live=True,
    flagging_mode="never",
    analytics_enabled=False,
    api_name="predict",
)
demo.queue(max_size=64, default_concurrency_limit=2)

if __name__ == "__main__":
    demo.launch(
        prevent_thread_lock=True,
        server_port=int(os.environ["GRADIO_SERVER_PORT"]),
        ssr_mode=False,
    )
    print("weights: none", flush=True)  # What RunningApp waits for.
    demo.block_thread()
