"""Draws the world once, from the npm package world-atlas, for the map on the list page.

Not part of the product: it runs when the geometry is made anew (`make world-map`), and what it
writes, `subnotify/web/world/countries.json`, is what the product reads. It lies with the tests'
support, because it is needed in a checkout only, and so that the tests can check its parts.
"""
