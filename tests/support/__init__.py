"""What the tests stand on: databases, a browser. Real parts, found or provided, never skipped."""
