"""The rules of notice, objection and silence. Standard library only; time is the argument `at`."""
