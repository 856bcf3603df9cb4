"""The policy: what is hidden leaves only as a pseudonym or not at all, and everything else as it is."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.sample import LOG, MAIN, View, batch, reading

from tallystick.intake.push.envelope import Client, encoded, envelope
from tallystick.intake.push.policy import KEEP, LEAVE_OUT, PSEUDONYM, Policy, Rule, applied, policy, pseudonym, rule_of
from tallystick.ledger.ledger import Row
from tallystick.usage.event import HIDDEN, Context
from tallystick.usage.tokens import Tokens

KEY = b"k" * 32
SECRET = Context(
    "claude-code", "s-SECRET", "/home/dev/clients/SECRET", "SECRET-7", "SECRET-reviewer", "2.1", "box", "dev"
)
PLAIN = MAIN._replace(session="s9", project="/home/dev/open")


def made(**said: object) -> Policy:
    """Return the policy of a config."""
    return policy(said, "/home/dev", KEY)


HIDING = made(paths=[{"match": "~/clients/**", "project": PSEUDONYM, "branch": LEAVE_OUT, "session": LEAVE_OUT}])
TOLD = batch(
    LOG._replace(path="/home/dev/.claude/projects/-home-dev-clients-SECRET/a.jsonl"),
    [View(1, context=SECRET), View(2, context=PLAIN)],
    prompts=[(3, 5, SECRET, 0)],
    readings=[reading(7, Tokens(1), context=SECRET)],
    titles=[("s-SECRET", "SECRET", 5), ("s9", "Open work", 6), ("unknown", "SECRET", 6)],
    calls=[(6, 1, "mcp__tickets__read", 5, 9, False)],
)


def digest(text: str) -> str:
    """Return a pseudonym, worked out by the rule."""
    return hmac.new(KEY, text.encode(), "sha256").hexdigest()[:16]


def test_by_default_everything_is_kept() -> None:
    assert made().keeps_all
    assert applied(TOLD, made()) == TOLD
    assert made(project=KEEP, paths=[{"match": "/x", "session": KEEP}]).keeps_all


def test_nothing_of_a_hidden_project_leaves() -> None:
    told = applied(TOLD, HIDING)
    assert b"SECRET" not in encoded(envelope([told], Client("tally", "1"), 0))
    hidden, open_ = told.contexts
    assert hidden == SECRET._replace(
        project=digest(SECRET.project), branch="", session=digest("s-SECRET"), agent=digest("SECRET-reviewer")
    )
    assert open_ == PLAIN
    # A path names the project too.
    assert told.source == TOLD.source._replace(path=digest(TOLD.source.path))
    assert told.titles == [("s9", "Open work", 6)]
    assert (told.events, told.calls, told.readings, told.prompts) == (
        TOLD.events,
        TOLD.calls,
        TOLD.readings,
        TOLD.prompts,
    )


@pytest.mark.parametrize(
    "choice, shown", [(KEEP, "/home/dev/open"), (PSEUDONYM, digest("/home/dev/open")), (LEAVE_OUT, HIDDEN)]
)
def test_each_name_goes_by_its_own_choice(choice: str, shown: str) -> None:
    only = applied(batch(LOG, [View(1, context=PLAIN)]), made(project=choice)).contexts[0]
    assert only == PLAIN._replace(project=shown)
    assert applied(batch(LOG, [View(1, context=PLAIN)]), made(branch=PSEUDONYM)).contexts[0].branch == digest("main")
    for hiding in (PSEUDONYM, LEAVE_OUT):
        # Sessions have to be told apart.
        assert applied(batch(LOG, [View(1, context=PLAIN)]), made(session=hiding)).contexts[0].session == digest("s9")


@pytest.mark.parametrize(
    "said, shown",
    [({"project": PSEUDONYM}, digest("reviewer")), ({"project": LEAVE_OUT}, digest("reviewer")), ({"branch": LEAVE_OUT, "session": LEAVE_OUT}, "reviewer")],
)  # fmt: skip
def test_a_subagent_goes_by_the_rule_of_its_project_and_stays_one(said: dict[str, str], shown: str) -> None:
    contexts = [PLAIN._replace(agent="reviewer"), PLAIN._replace(agent="")]
    told = batch(LOG, [View(1, context=contexts[0]), View(2, context=contexts[1])])
    assert [context.agent for context in applied(told, made(**said)).contexts] == [shown, ""]


def test_nothing_has_no_pseudonym() -> None:
    bare = Context("codex")
    assert applied(batch(LOG, [View(1, context=bare)]), made(project=PSEUDONYM, session=PSEUDONYM)).contexts == [bare]
    assert pseudonym(KEY, "") == ""


def test_a_title_leaves_only_where_its_session_is_kept_everywhere() -> None:
    told = batch(LOG, [View(1, context=PLAIN), View(2, context=SECRET._replace(session="s9"))], titles=[("s9", "x", 1)])
    assert applied(told, HIDING).titles == []
    assert applied(told, made(project=PSEUDONYM)).titles == [("s9", "x", 1)]
    # Nobody knows where the session was.
    assert applied(batch(LOG, titles=[("s9", "x", 1)]), HIDING).titles == []
    assert applied(batch(LOG, titles=[("s9", "x", 1)]), made()).titles == [("s9", "x", 1)]


def test_contexts_that_only_a_title_needs_do_not_leave() -> None:
    told = batch(LOG, [View(1, context=PLAIN)], titles=[("s1", "x", 1)])
    told = told._replace(contexts=[MAIN, *told.contexts], events=[(*told.events[0][:3], 1, *told.events[0][4:])])
    for chosen in (made(), made(project=PSEUDONYM)):
        left = applied(told, chosen)
        assert [each.session for each in left.contexts] == ["s9"]
        assert left.events[0][3] == 0
        assert left.titles == [("s1", "x", 1)]


@pytest.mark.parametrize(
    "pattern, project, fits",
    [
        ("~/clients/**", "/home/dev/clients/a/b", True),
        ("~/clients/**", "/home/dev/clients", True),
        ("~/clients/**", "/home/dev/clients-old", False),
        ("~/clients/", "/home/dev/clients", True),
        ("~/clients", "/home/dev/clients/a", False),
        ("~/clients/*", "/home/dev/clients/a", True),
        ("~/clients/*", "/home/dev/clients/a/b", False),
        ("**/secret/**", "/srv/x/secret", True),
        ("**/secret/**", "/srv/x/secret/deep/er", True),
        ("**/secret/**", "/srv/x/secrets", False),
        ("/srv/?", "/srv/a", True),
        ("/srv/?", "/srv/ab", False),
        ("/srv/a.b", "/srv/axb", False),
        ("C:\\work\\**", "C:\\work\\a", True),
        ("**", "", True),
        ("**", "/any\nthing", True),
        ("~", "/home/dev", True),
    ],
)
def test_a_pattern_names_projects(pattern: str, project: str, fits: bool) -> None:  # noqa: FBT001
    chosen = made(paths=[{"match": pattern, "project": LEAVE_OUT}])
    assert rule_of(project, chosen) == Rule(project=LEAVE_OUT if fits else KEEP)


def test_of_several_patterns_the_later_one_counts() -> None:
    chosen = made(
        project=LEAVE_OUT,
        branch=LEAVE_OUT,
        paths=[{"match": "~/**", "project": PSEUDONYM}, {"match": "~/open/**", "project": KEEP}],
    )
    assert rule_of("/home/dev/open/a", chosen) == Rule(KEEP, LEAVE_OUT)
    assert rule_of("/home/dev/a", chosen) == Rule(PSEUDONYM, LEAVE_OUT)
    assert rule_of("/srv", chosen) == Rule(LEAVE_OUT, LEAVE_OUT)


@given(st.text(min_size=1), st.text(min_size=1))
def test_pseudonyms_tell_names_apart_and_other_machines_have_others(one: str, other: str) -> None:
    assert (pseudonym(KEY, one) == pseudonym(KEY, other)) == (one == other)
    assert pseudonym(b"x" * 32, one) != pseudonym(KEY, one)
    assert len(pseudonym(KEY, one)) == 16


OPEN = MAIN._replace(project="", branch="", session="s-OPEN", agent="a-OPEN")
"""A call that only the wire saw, of a session whose log is not read yet."""
WIRE = LOG._replace(path="/home/dev/spool/1.jsonl", tool="wire", witness="wire")


def test_what_the_wire_saw_of_an_unknown_project_goes_by_the_strictest_rule() -> None:
    told = applied(batch(WIRE, [View(1, context=OPEN)]), HIDING)
    assert told.contexts == [OPEN._replace(session=digest("s-OPEN"), agent=digest("a-OPEN"))]
    # A log that names no project has none: its sessions keep their names.
    assert applied(batch(LOG, [View(1, context=OPEN)]), HIDING).contexts == [OPEN]


def tags_of(chosen: Policy, *contexts: Context) -> list[Row]:
    tags: list[Row] = [("claude-code", context.session, "client", "SECRET") for context in contexts]
    views = [View(key, context=context) for key, context in enumerate(contexts)]
    return [row[1:] for row in applied(batch(LOG, views, tags=tags), chosen).tags]


@pytest.mark.parametrize("hiding", [PSEUDONYM, LEAVE_OUT])
@pytest.mark.parametrize("name", ["project", "session"])
def test_a_tag_leaves_only_where_project_and_session_do(name: str, hiding: str) -> None:
    kept = [("s9", "client", "SECRET")]
    assert tags_of(made(), PLAIN) == kept
    assert tags_of(made(branch=hiding), PLAIN) == kept
    assert tags_of(made(**{name: hiding}), PLAIN) == []
    paths = [{"match": "~/clients/**", name: hiding}]
    assert tags_of(made(paths=paths), PLAIN) == kept
    # A session that was in a hidden project, too, has no tags anywhere, nor has one that may have been.
    assert tags_of(made(paths=paths), PLAIN, SECRET._replace(session="s9")) == []
    assert tags_of(made(paths=paths), PLAIN._replace(project="")) == []


def test_a_tag_of_a_session_of_which_nothing_is_known_stays_here() -> None:
    told = batch(LOG, [View(1, context=PLAIN)], tags=[("claude-code", "s-SECRET", "a", "b")])
    assert applied(told, HIDING).tags == []
    assert applied(told, made()).tags == told.tags


@pytest.mark.parametrize("hiding", [PSEUDONYM, LEAVE_OUT])
def test_no_byte_tells_of_a_hidden_project_its_tags_or_calls_that_only_the_wire_saw(hiding: str) -> None:
    chosen = made(paths=[{"match": "~/clients/**", "project": hiding, "branch": hiding, "session": hiding}])
    wired = SECRET._replace(agent="")
    views = [View(1, context=SECRET), View(2, context=wired), View(3, context=wired._replace(project="", branch=""))]
    told = batch(WIRE, views, tags=[("claude-code", SECRET.session, "client", "SECRET")])
    sent = encoded(envelope([applied(told, chosen)], Client("tally", "1"), 0))
    assert b"SECRET" not in sent
    assert b"SECRET" in encoded(envelope([told], Client("tally", "1"), 0))


def test_a_call_that_only_the_wire_saw_goes_by_the_rule_of_the_project_that_it_is_shown_with() -> None:
    told = batch(WIRE, [View(1, context=OPEN)], tags=[("claude-code", "s-OPEN", "a", "b")])
    opened = applied(told._replace(shown=["/home/dev/open"]), HIDING)
    assert (opened.contexts, opened.tags, opened.shown) == ([OPEN], told.tags, [])
    hidden = applied(told._replace(shown=["/home/dev/clients/SECRET"]), HIDING)
    assert hidden.contexts == [OPEN._replace(session=digest("s-OPEN"), agent=digest("a-OPEN"))]
    assert hidden.tags == []
    # The server is to show it with none of the session's other projects.
    (only,) = applied(told._replace(shown=["/home/dev/open"]), made(project=LEAVE_OUT)).contexts
    assert (only.project, only.session) == (HIDDEN, "s-OPEN")
