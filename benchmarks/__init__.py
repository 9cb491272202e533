"""Speed and memory of the app beside references from the same run: python -m benchmarks."""
