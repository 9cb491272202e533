"""The three requests of a caller without the Gradio client: upload, call, read the answer."""

import json

import httpx


def upload(http: httpx.Client, name: str, content: bytes) -> dict[str, str]:
    """Send a file; what comes back stands for it in a call.

    Raises:
        httpx.HTTPStatusError: the app refuses it.
    """
    reply = http.post("/upload", files={"files": (name, content)}).raise_for_status()
    return {"path": reply.json()[0]}


def call(http: httpx.Client, picture: dict[str, str] | None) -> tuple[str, str]:
    """Ask about a picture: ("complete", its label) or ("error", a sentence).

    Raises:
        httpx.HTTPStatusError: the app takes no call, such as 503 when its queue is full.
    """
    if picture is not None:
        picture = picture | {"meta": {"_type": "gradio.FileData"}}
    taken = http.post("/call/predict", json={"data": [picture]}).raise_for_status()
    with http.stream("GET", f"/call/predict/{taken.json()['event_id']}") as reply:
        lines = [line for line in reply.iter_lines() if line]
    # Before the end there are heartbeats, while it waits.
    name, data = (line.partition(": ")[2] for line in lines[-2:])
    data = json.loads(data)
    if name == "complete":
        return name, data[0]["label"]
    return name, data["error"] if data else ""
