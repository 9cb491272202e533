"""What a visitor sees; imports model, never app."""
