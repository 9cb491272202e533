"""The three requests of a client without gradio_client: upload, call, read the result."""

import json

import httpx


def upload(http: httpx.Client, name: str, content: bytes) -> dict[str, str]:
    """Upload a file; return what stands for it in a call.

    Raises:
        httpx.HTTPStatusError: the app refuses it.
    """
    reply = http.post("/upload", files={"files": (name, content)}).raise_for_status()
    return {"path": reply.json()[0]}


def call(http: httpx.Client, image: dict[str, str] | None) -> tuple[str, str]:
    """Predict an uploaded image; return ("complete", label) or ("error", message).

    Raises:
        httpx.HTTPStatusError: the app refuses the call, such as with 503 when its queue is full.
    """
    if image is not None:
        image = image | {"meta": {"_type": "gradio.FileData"}}
    accepted = http.post("/call/predict", json={"data": [image]}).raise_for_status()
    with http.stream("GET", f"/call/predict/{accepted.json()['event_id']}") as reply:
        lines = [line for line in reply.iter_lines() if line]
    # Heartbeats may come before the last event.
    name, data = (line.partition(": ")[2] for line in lines[-2:])
    data = json.loads(data)
    if name == "complete":
        return name, data[0]["label"]
    return name, data["error"] if data else ""
