"""Why a demonstration cannot start or go on."""


class DemoFailed(Exception):
    """Said to whoever started it, in one sentence and with the remedy."""
