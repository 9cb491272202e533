"""What the app costs beside what its parts must cost: python -m benchmarks."""
