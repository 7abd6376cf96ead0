"""Surfaces: faces of one service. They translate words and show the same view; they hold no rule."""
