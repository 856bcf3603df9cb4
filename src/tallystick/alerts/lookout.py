"""The lookout: has every rule look at the situation, keeps what comes of it, and has it told."""

from collections.abc import Callable, Sequence

from tallystick.alerts.choices import Choices
from tallystick.alerts.chronicle import Chronicle, Looks
from tallystick.alerts.episodes import ENDED, Episode
from tallystick.alerts.finding import Finding
from tallystick.alerts.keeper import Keeper
from tallystick.alerts.rules.rule import Rule
from tallystick.alerts.situation import Situation


class Lookout:
    """Looks, by a person's choices."""

    def __init__(self, file: Keeper, chosen: Choices, log: Callable[[str], None]) -> None:
        """Begin with where episodes are kept, and with who hears what is wrong here, in a sentence."""
        self._chosen, self._log = chosen, log
        self._chronicle = Chronicle(file, chosen.rules)
        self._sick: set[str] = set()

    def look(self, situation: Situation) -> list[Episode]:
        """Take a situation in; return the episodes that begin with it."""
        looks: Looks = {rule.name: self._findings(rule, situation) for rule in self._chosen.rules}
        return self._chronicle.look(looks, situation.now, self._outlets)

    def _findings(self, rule: Rule, situation: Situation) -> Sequence[Finding] | None:
        try:
            return rule.look(situation, rule.limits)
        except Exception as error:  # noqa: BLE001  one sick rule silences no other
            if rule.name not in self._sick:
                self._sick.add(rule.name)
                self._log(f"The rule {rule.name} fails ({type(error).__name__}): it tells nothing for now.")
            return None

    def _outlets(self, episode: Episode) -> list[str]:
        if episode.state == ENDED and not self._chosen.resolved:
            return []
        return [to.name for to in self._chosen.to if to.wants(episode.rule, episode.finding.level)]
