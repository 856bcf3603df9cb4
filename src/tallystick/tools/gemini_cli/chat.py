"""What the records of one chat say together: answers, uses of tools, prompts, the session's title.

A message is written again whenever more of it is known, and a resumed chat repeats its history, sometimes
without the counts. Each record with counts is told; those of one message have one key, so that the ledger
counts it once, and a repetition without counts takes nothing away. What a rewind removes from the
conversation was billed all the same.
"""

from typing import Any, Final
from zlib import crc32

from tallystick.tools.fields import NO_TIME, is_uuid, moment, text_of, title_of
from tallystick.tools.gemini_cli.places import place_of, project_of
from tallystick.tools.gemini_format import NOT_SUMMING, Implausible, disjoint, is_typed, stored
from tallystick.tools.tool import Found, State
from tallystick.usage.activity import worked
from tallystick.usage.event import Context, Prompt, Title, ToolCall, UsageEvent, Variant
from tallystick.usage.identity import key

NAME: Final = "gemini-cli"
PROVIDER: Final = "google"
UNKNOWN_KIND: Final = "a message of an unknown kind has counts"
_NAMES: Final = ("input", "output", "cached", "thoughts", "tool", "total")
_ENDED: Final = ("success", "error", "cancelled")


class Chat:
    """The meaning of a chat's records, in the order in which they come."""

    def __init__(self, path: str, state: State, found: Found) -> None:
        """Begin, or go on from the state of an earlier read; `found` takes what is found."""
        self.tell_to(found)
        self._place = place = place_of(path)
        self._asked: int = state.get("asked", 0)
        """When the last message came to which the model answers; 0 when that is not known."""
        self._agent = text_of(state.get("agent")) or ((place.agent or "subagent") if place.is_agent else "")
        project = state.get("project")
        if project is None:
            project = project_of(place.folder, state.get("companions", {}))
        self._context = Context(
            NAME, text_of(state.get("session")) or text_of(place.session), text_of(project), agent=text_of(self._agent)
        )

    def tell_to(self, found: Found) -> None:
        """Let `found`, to which nothing has been told yet, take what is found from now on."""
        self.found = found
        self._told: set[UsageEvent | Prompt | ToolCall] = set()
        """What was told, as if it stood at the beginning."""

    def state(self) -> State:
        """Return what another reader needs to go on."""
        context = self._context
        state: State = {"session": context.session, "project": context.project, "asked": self._asked}
        if context.agent:
            state["agent"] = context.agent
        return state

    def describe(self, about: dict[str, Any], offset: int | None = None) -> None:
        """Take what is said of the chat as a whole, or a change of it; without a place its messages are numbered."""
        context = self._context
        if about.get("kind") == "subagent" and not context.agent:
            context = context._replace(agent="subagent")
        session = text_of(about.get("sessionId"))
        if session and not self._place.is_agent:
            context = context._replace(session=session)
        if context != self._context:
            self._context = context
        title = title_of(about.get("summary"))
        if title and not context.agent:
            time = moment(about.get("lastUpdated")) or self._asked or moment(about.get("startTime"))
            self.found.titles.append(Title(context.session, title, time))
        messages = about.get("messages")
        if isinstance(messages, list):
            self._history(messages, offset)

    def _history(self, messages: list[Any], offset: int | None) -> None:
        """Take a list of messages: a document's, or the repetition that a resumed chat begins with."""
        before, self._asked = self._asked, 0
        for number, message in enumerate(messages):
            if isinstance(message, dict):
                self.message(message, number if offset is None else offset)
        self._asked = max(before, self._asked)

    def message(self, message: dict[str, Any], offset: int) -> None:
        """Take a message; one of the other kinds (information, warnings, errors) says nothing of interest."""
        kind = message.get("type")
        if kind == "user":
            self._request(message, offset)
        elif kind == "gemini":
            self._answer(message, offset)
        elif message.get("tokens"):
            self.found.skip(offset, UNKNOWN_KIND)

    def results(self, time: int) -> None:
        """Note that results of tools went to the model at a moment."""
        # Of messages that are repeated the time may be an earlier one.
        self._asked = max(self._asked, time)

    def _request(self, message: dict[str, Any], offset: int) -> None:
        time = moment(message.get("timestamp"))
        if not time:
            return
        if not self._context.agent and is_typed(message.get("content")):
            prompt = Prompt(self._key(message, "prompt"), time, self._context, 0)
            if self._is_new(prompt):
                self.found.prompts.append(prompt._replace(offset=offset))
        self.results(time)

    def _answer(self, message: dict[str, Any], offset: int) -> None:
        counts, calls = message.get("tokens"), message.get("toolCalls")
        if counts is None and not calls:
            return
        time = moment(message.get("timestamp"))
        if not time:
            if counts is not None:
                self.found.skip(offset, NO_TIME)
            return
        number = self._key(message, "")
        if counts is not None and not self._count(message, number, time, offset):
            return
        ended = self._uses(calls, number, time) if isinstance(calls, list) else 0
        if counts is not None:
            self._asked = max(self._asked, time, ended)

    def _count(self, message: dict[str, Any], number: int, time: int, offset: int) -> bool:
        """Tell the answer's event; return False when it cannot be one, which is noted then."""
        try:
            tokens, adds_up = disjoint(stored(message["tokens"], _NAMES), inside=False)
        except Implausible as error:
            self.found.skip(offset, str(error))
            return False
        if not adds_up:
            self.found.skip(offset, NOT_SUMMING)
        if tokens.total:
            variant = Variant(PROVIDER, text_of(message.get("model")))
            work = worked(self._asked, [time]) if self._asked else 0
            event = UsageEvent(number, 0, time, variant, tokens, self._context, work_ms=work)
            if self._is_new(event):
                self.found.events.append(event._replace(offset=offset))
        return True

    def _is_new(self, said: UsageEvent | Prompt | ToolCall) -> bool:
        """Tell whether something was not told yet: each checkpoint repeats all that was said before it."""
        if said in self._told:
            return False
        self._told.add(said)
        return True

    def _key(self, message: dict[str, Any], what: str) -> int:
        """Return a message's identity.

        Its id is a UUID that the tool made, the same wherever the message is repeated. Any other id says something only
        within its session, and a message without one is known by its moment.
        """
        name = message.get("id")
        if not isinstance(name, str) or not name:
            name = f"@{text_of(message.get('timestamp'))}"
        parts = (NAME, name) if is_uuid(name) else (NAME, self._context.session, name)
        return key(*parts, what) if what else key(*parts)

    def _uses(self, calls: list[Any], event: int, time: int) -> int:
        """Tell the uses of tools in an answer; return when the last of them ended."""
        last = 0
        for index, call in enumerate(calls):
            if not isinstance(call, dict):
                continue
            status = call.get("status")
            ended = max(moment(call.get("timestamp")), time) if status in _ENDED else 0
            identity = event ^ crc32((text_of(call.get("id")) or str(index)).encode())
            name = text_of(call.get("name"))
            use = ToolCall(identity, event, name, time, ended, failed=bool(ended) and status != "success")
            if self._is_new(use):
                self.found.calls.append(use)
            last = max(last, ended)
        return last
