"""Measurements of the main job, each beside the floor that no program of this kind can beat."""
