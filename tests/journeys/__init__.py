"""Whole stories, in a real browser, with real mail: what a person would do, and see."""
