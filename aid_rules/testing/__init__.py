"""What a regression suite needs to drive the engine."""
