"""How a window was computed, in every language, for the evidence log."""

from functools import lru_cache

from subnotify.rules.steps import Step
from subnotify.rules.texts import LANGUAGES
from subnotify.rules.windows import Window
from subnotify.wording.language import wording_for
from subnotify.wording.window_steps import limit_sentences


def explain_window(window: Window) -> dict[str, list[str]]:
    """The steps as sentences by language: a person can check them with a paper calendar."""
    return {
        language: list(_sentences(window.steps, window.time_zone, window.rule, language))
        for language in LANGUAGES
    }


# Steps name hour and minute: notices of one run mostly share them.
@lru_cache(maxsize=512)
def _sentences(steps: tuple[Step, ...], zone: str, rule: str, language: str) -> tuple[str, ...]:
    return limit_sentences(steps, zone, rule, wording_for(language, zone))
