"""What the lines of one transcript say together: answers, calls, prompts, titles, and what is still open."""

from collections.abc import Callable
from typing import Any, Final

from tallystick.tools.claude_code import plain
from tallystick.tools.claude_code.answer import Answer
from tallystick.tools.claude_code.calls import Calls, call_of
from tallystick.tools.claude_code.counts import Implausible, prompt_of
from tallystick.tools.claude_code.notices import limits_of, tells_cut
from tallystick.tools.claude_code.people import is_prompt, results_in, title_of
from tallystick.tools.claude_code.places import place_of
from tallystick.tools.tool import Found, State
from tallystick.usage.event import CUT_OFF, FINISHED, PENDING, Context, Prompt, Title, ToolCall, UsageEvent, Variant
from tallystick.usage.identity import key
from tallystick.usage.instant import instant
from tallystick.usage.tokens import Tokens

NAME: Final = "claude-code"
SYNTHETIC: Final = "<synthetic>"
"""The model of lines that the tool itself wrote in the model's place."""
WEB_SEARCH: Final = "WebSearch"
EARLIEST: Final = 1_577_836_800_000
"""2020-01-01, before any such tool: a time before that, or after 2100, is damage."""
LATEST: Final = 4_102_444_800_000
_NO_TIME: Final = "no readable timestamp"
_MOST_SEARCHES: Final = 100
_MOST_RECENT: Final = 16

_NAMES: Final = ("cwd", "gitBranch", "version", "sessionId")

type Recent = tuple[str, int]
"""Of an answer that ended: its request, or what stands in for one, and the size of its prompt."""

type LookAt = Callable[[dict[str, Any]], tuple[Any, list[str]]]
"""From an object that is decoded to the fields of a line of an answer, and what is set aside; raises `Misshapen`."""

type Said = tuple[Any, ...]
"""What a line says of its context: directory, branch, version, session, whether it is an agent's, whose, copied whence."""


def moment(text: Any) -> int:
    """Return a line's time in milliseconds since 1970; raise ValueError when it is none that such a line can have."""
    time = instant(text) if isinstance(text, str) else 0
    if EARLIEST <= time < LATEST:
        return time
    raise ValueError(_NO_TIME)


def _event_of(kept: list[Any]) -> UsageEvent:
    """Return an event as JSON has kept it."""
    key, request, time, variant, tokens, context, *rest = kept
    return UsageEvent(key, request, time, Variant(*variant), Tokens(*tokens), Context(*context), *rest)


class Transcript:
    """The meaning of one transcript's lines, in the order in which they come."""

    def __init__(self, path: str, state: State) -> None:
        """Begin, or go on from the state of an earlier read."""
        self.found = Found()
        self._calls = Calls(state.get("waiting", {}))
        self.waiting = self._calls.waiting
        """Uses of tools without a result so far."""
        self._place = place_of(path)
        self._answer: Answer | None = None
        self._asked: int = state.get("asked", 0)
        """When the last line came to which the model answers; 0 when that is not known."""
        self._turns = 0
        """How many such lines there were."""
        self._once = state.get("once") is True
        """Whether no line comes a second time, so that an answer that goes on next time must be known again by itself."""
        self._mixed = self._once or "recent" in state
        """Whether an answer's lines may not follow one another: before 2.0 agents wrote into the session's own file."""
        self._recent: dict[int, Recent] = {key: (request, size) for key, request, size in state.get("recent", ())}
        """The answers that ended last, by their keys, where lines mix."""
        self._context = Context(*state.get("context", (NAME, self._place.session)))
        self._said: Said = ()
        self._left = _event_of(state["left"]) if "left" in state else None
        """The answer whose searches are still to come, where its lines do not come again."""
        beside = next(iter(state.get("companions", {}).values()), None)
        self._agent = plain.text_of(beside.get("agentType") if isinstance(beside, dict) else state.get("agent"))

    def finish(self) -> tuple[Found, State]:
        """Return what was found since the last call, and the state from which another reader can go on."""
        if self._answer:
            # One without its end may be one that is still being written.
            self.found.events += self._answer.events(CUT_OFF if self._answer.aborted else PENDING)
        self.found.calls += self._calls.unanswered()
        found, self.found = self.found, Found()
        return found, self._state()

    def _state(self) -> State:
        """Return what another reader needs; the last answer is read again, for more of it may follow."""
        if self._once and self._answer:
            self._remember(self._answer)
        answer = None if self._once else self._answer
        state: State = {"context": list(answer.context if answer else self._context), "asked": self._asked}
        if self._once:
            state["once"] = True
            state |= self._searching()
        if answer:
            state |= {"resume": answer.first, "asked": answer.asked}
        # What came after the beginning of the last answer comes again.
        if waiting := answer.waiting if answer else self.waiting:
            state["waiting"] = {use: list(asked) for use, asked in waiting.items()}
        if self._mixed:
            state["recent"] = [[key, *recent] for key, recent in self._recent.items()]
        if self._agent:
            state["agent"] = self._agent
        return state

    def _searching(self) -> State:
        """Return the answer whose searches are still to come, if there is one."""
        searching = {event for event, name, _ in self.waiting.values() if name == WEB_SEARCH}
        if self._answer and self._answer.key in searching:
            return {"left": self._answer.events(PENDING)[0]}
        return {"left": self._left} if self._left and self._left.key in searching else {}

    def answer(self, line: Any, offset: int) -> bool:
        """Take a line of an answer; tell False when it cannot be counted, which is noted then."""
        message, answer = line.message, self._answer
        try:
            time = instant(line.timestamp or "")
            if not EARLIEST <= time < LATEST:
                raise ValueError(_NO_TIME)  # noqa: TRY301
            if (
                answer is not None
                and message.id == answer.id
                and line.requestId == answer.request_id
                and message.id
                and (line.requestId or self._goes_on(answer, message.usage))
            ):
                answer.add(line, time, offset)
            else:
                answer = self._begin(line, time, offset)
        except ValueError as error:
            self.found.skip(offset, str(error) if isinstance(error, Implausible) else _NO_TIME)
            return False
        content = message.content
        if content.__class__ is list:
            for block in content:
                if block.type == "tool_use" and block.id and block.id not in self.waiting:
                    self._calls.ask(block.id, (answer.key, block.name or "", time))
        return True

    def _begin(self, line: Any, time: int, offset: int) -> Answer:
        """Begin an answer, which ends the one before; raise `Implausible` and end nothing when it cannot be one."""
        before, asked = self._answer, self._asked
        if before is not None and before.last > asked:
            # Nothing was said between the two: the model was asked again when the one before was through.
            asked = before.last
        side, whose, elsewhere = line.isSidechain, line.attributionAgent, line.requestSessionId
        said = (line.cwd, line.gitBranch, line.version, line.sessionId, side, whose, elsewhere)
        context = self._context if said == self._said else self._context_of(said)
        answer = Answer(line, time, offset, context, asked)
        answer.turn = self._turns
        if self.waiting:
            answer.waiting = self.waiting.copy()
        if side is True and not self._place.is_agent:
            self._mixed = True
        if before is not None:
            self._close(before)
        if self._mixed:
            self._recognise(answer)
        self._asked, self._answer = asked, answer
        return answer

    def _goes_on(self, answer: Answer, usage: Any) -> bool:
        """Tell whether a line without a request id belongs to the answer before it, whose message id it has.

        Some gateways give all answers one id. Where the model was asked again in between, only an equal prompt
        shows that the line is still of the same answer, for a result adds to the prompt.
        """
        return self._turns == answer.turn or 0 < prompt_of(usage) == prompt_of(answer.best.message.usage)

    def _recognise(self, answer: Answer) -> None:
        """Find out whether an answer's earlier lines were told already, since those of others came in between.

        It then is as good as they were, and without a request id it has the name that they had.
        """
        request, size = self._recent.get(answer.key, ("", 0))
        if answer.request_id is None and 0 < size == prompt_of(answer.best.message.usage):
            answer.request = request
        answer.again = answer.request == request

    def _close(self, answer: Answer) -> None:
        self.found.events += answer.events(CUT_OFF if answer.broke_off() else FINISHED)
        if self._mixed:
            self._remember(answer)

    def _remember(self, answer: Answer) -> None:
        self._recent.pop(answer.key, None)
        self._recent[answer.key] = (answer.request, prompt_of(answer.best.message.usage))
        if len(self._recent) > _MOST_RECENT:
            del self._recent[next(iter(self._recent))]

    def _cut(self) -> None:
        """Close the last answer as one that broke off, unless it shows itself that it came to its end."""
        if self._answer and self._answer.may_have_broken_off():
            self.found.events += self._answer.events(CUT_OFF)
            self._answer = None

    def result(self, use: str, time: int, failed: bool) -> ToolCall | None:  # noqa: FBT001 - named arguments cost time here
        """Take a tool's result; return the call that it ends, or None when nobody asked for it."""
        self._turns += 1
        # Of results that come out of order the one that was ready last is what the model waited for.
        if time > self._asked:  # noqa: PLR1730 - a call less for each result
            self._asked = time
        waiting = self.waiting.pop(use, None)
        if waiting is None:
            return None
        event, name, asked = waiting
        call = call_of(event, use, name, asked, max(asked, time), failed)
        self.found.calls.append(call)
        return call

    def searched(self, call: ToolCall, number: Any) -> None:
        """Take the number of searches that a call had made, which are billed apart from tokens."""
        if not isinstance(number, int) or number is True:
            return
        searches = min(max(number, 0), _MOST_SEARCHES)
        if self._answer and self._answer.key == call.event:
            self._answer.searches += searches
        elif self._left and self._left.key == call.event:
            self._left = self._left._replace(web_searches=self._left.web_searches + searches)
            self.found.events.append(self._left)

    def take(self, line: dict[str, Any], offset: int, look_at: LookAt = plain.look_at) -> None:
        """Take a line that was decoded whole; `look_at` finds the named fields of an answer within it."""
        match line.get("type"):
            case "user":
                self._user(line, offset)
            case "assistant":
                self._uncounted(line, offset)
            case "progress":
                self._progress(line, offset, look_at)
            case "attachment":
                if is_prompt(line) and (time := self._time_of(line)):
                    self._prompt(line, time, offset)
            case _:
                message = line.get("message")
                if isinstance(message, dict) and "usage" in message:
                    self.found.skip(offset, "counts in a line of an unknown kind")
                elif not self._place.is_agent and (title := title_of(line, offset))[0]:
                    self.found.titles.append(Title(self._place.session, *title))

    def _uncounted(self, line: dict[str, Any], offset: int) -> None:
        """Take a line of an answer without counts: the tool's own notices are such, and damaged lines."""
        message = line.get("message")
        if not isinstance(message, dict) or message.get("model") != SYNTHETIC:
            self.found.skip(offset, "an answer without counts")
            return
        if line.get("apiError") == "connection_failed":
            self._cut()
        time = self._time_of(line)
        if time:
            self.found.limits += limits_of(line, time)

    def _user(self, line: dict[str, Any], offset: int) -> None:
        """Take a line of type `user`: results, a prompt, or what the tool says in the person's place."""
        time = self._time_of(line)
        if not time:
            self.found.skip(offset, _NO_TIME)
        elif not isinstance(line.get("message"), dict):
            self.found.skip(offset, "message is not an object")
        elif results := results_in(line):
            for use, failed in results:
                call = self.result(use, time, failed)
                if call is not None and call.name == WEB_SEARCH and isinstance(line.get("toolUseResult"), dict):
                    self.searched(call, line["toolUseResult"].get("searchCount"))
        else:
            self._turns, self._asked = self._turns + 1, time
            if is_prompt(line):
                self._prompt(line, time, offset)
            elif tells_cut(line):
                self._cut()

    def _prompt(self, line: dict[str, Any], time: int, offset: int) -> None:
        if self._place.is_agent:
            return
        uuid = plain.text_of(line.get("uuid"))
        cwd, branch, version, session = map(plain.text_of, map(line.get, _NAMES))
        context = self._context_of((cwd or None, branch or None, version or None, session or None, False, None, None))
        identity = key("prompt", uuid) if uuid else key("prompt", self._place.session, str(offset))
        self.found.prompts.append(Prompt(identity, time, context, offset))

    def _progress(self, line: dict[str, Any], offset: int, look_at: LookAt) -> None:
        """Take a subagent's line that the session repeats while it waits; its own file may be gone."""
        data = line.get("data")
        if (
            not isinstance(data, dict)
            or data.get("type") != "agent_progress"
            or not isinstance(data.get("message"), dict)
        ):
            return
        inner = {**line, **data["message"], "agentId": data.get("agentId"), "isSidechain": True}
        try:
            copy, _ = look_at(inner)
            if copy.type == "assistant" and copy.message and copy.message.usage and copy.message.model != SYNTHETIC:
                names = (
                    copy.cwd,
                    copy.gitBranch,
                    copy.version,
                    copy.sessionId,
                    True,
                    copy.attributionAgent,
                    copy.requestSessionId,
                )
                answer = Answer(copy, moment(copy.timestamp), offset, self._context_of(names), 0)
                self.found.events += [event._replace(copied=True, replay=True) for event in answer.events(PENDING)]
        except ValueError as error:
            self.found.skip(offset, str(error) if isinstance(error, (plain.Misshapen, Implausible)) else _NO_TIME)

    def _context_of(self, said: Said) -> Context:
        if said != self._said:
            directory, branch, version, session, aside, whose, elsewhere = said
            self._said = said
            agent = (whose or self._agent or self._place.agent or "subagent") if self._place.is_agent or aside else ""
            # A copied line names the session in which the request was made.
            session = elsewhere if elsewhere and elsewhere != session else self._place.session or session
            self._context = Context(
                NAME, session or "", directory or self._context.project, branch or "", agent, version or ""
            )
        return self._context

    @staticmethod
    def _time_of(line: dict[str, Any]) -> int:
        try:
            return moment(line.get("timestamp"))
        except ValueError:
            return 0
