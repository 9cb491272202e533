"""The line that the app logs when it is ready."""

import datetime
import json
import os

from model.weights import Weights


def wants_json() -> bool:
    """Return whether the environment variable LOG_FORMAT asks for lines of JSON."""
    return os.environ.get("LOG_FORMAT", "").lower() == "json"


def start_line(url: str, network: str, weights: Weights) -> str:
    """Describe a start in one line, as text or JSON.

    Args:
        url: local address of the page.
        network: name of the architecture.
        weights: as ``model.weights.find_weights`` found them.
    """
    reason = weights.fallback_reason.text() if weights.fallback_reason else ""
    if wants_json():
        line = {
            "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
            "event": "ready",
            "url": url,
            "network": network,
            "weights": weights.origin,
            "fallback_reason": reason,
        }
        return json.dumps(line)
    return f"weights: {network}, {weights.origin}" + (f" ({reason})" if reason else "")
