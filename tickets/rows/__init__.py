"""Rows of an import: what each may say, and how each noun is checked and stored."""
