"""The page about the API: everything that OpenAPI has, readable without a script, with lines that a shell can run."""

import re
import shlex
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from fastapi import FastAPI
from tests.faces.http.live import SITE, Live, serving

from tallystick.faces.http.answering import CSP
from tallystick.faces.web import docs_page
from tallystick.faces.web.docs_page import page

HOSTILE = "</code><script>alert(1)</script>`\u202e"
SMALL: dict[str, Any] = {
    "info": {"title": "T", "version": "1.2", "description": "One.\n\nTwo with `code`."},
    "tags": [{"name": "things", "description": "What there is."}],
    "paths": {
        "/api/v1/things/{name}": {
            "get": {
                "tags": ["things"],
                "summary": "A thing",
                "description": "Whole.",
                "parameters": [
                    {
                        "name": "name",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                        "example": "it's /one",
                    },
                    {
                        "name": "most",
                        "in": "query",
                        "required": True,
                        "description": "How `many`.",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 500},
                        "example": 10,
                    },
                    {"name": "kind", "in": "query", "required": False, "schema": {"enum": ["a", "b"]}},
                ],
                "responses": {
                    "200": {
                        "description": "The answer.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "404": {"description": "None."},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Count": {"type": "integer", "minimum": 0, "description": "How many."},
            "Part": {"type": "object", "description": "A part.", "properties": {"n": {"type": "number"}}},
            "Thing": {
                "type": "object",
                "description": "A whole thing.",
                "required": ["parts"],
                "properties": {
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
                    "count": {"anyOf": [{"$ref": "#/components/schemas/Count"}, {"type": "null"}]},
                    "since": {"type": "string", "format": "date"},
                    "by_name": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Count"}},
                },
            },
        }
    },
}


class Seen(HTMLParser):
    """The parts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.blocks: list[str] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in {"meta", "link"}:
            self._open.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag == "pre":
            self.blocks.append("")
        elif tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "pre" in self._open:
            self.blocks[-1] += data
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401  what a fixture yields
    """Return a server with the page in it, and the app's description."""
    apps: list[FastAPI] = []
    made = docs_page.router(lambda: apps[0].openapi())  # noqa: PLW0108  the app comes after
    with serving(tmp_path_factory.mktemp("docs"), SITE, [made]) as live:
        apps.append(live.server.config.app)  # type: ignore[arg-type]
        yield live


def test_every_route_of_the_description_is_told_with_all_that_it_takes_and_gives(whole: Live) -> None:
    told = whole.get("/openapi.json").json()
    text = whole.client.get("/docs").text.replace("\u200b", "")
    seen = Seen(text)
    assert seen.tags.count("pre") == sum(map(len, told["paths"].values()))
    names = {row[0].split()[0] for row in seen.rows}
    for path, methods in told["paths"].items():
        assert path in seen.text, path
        for method in methods.values():
            assert method["summary"] in seen.text
            assert {each["name"] for each in method.get("parameters", ())} <= names
            assert set(method["responses"]) <= names
    shapes = [each for each in told["components"]["schemas"].values() if "properties" in each]
    for shape in shapes:
        assert set(shape["properties"]) <= names, shape["title"]
    assert len(shapes) > 30


def test_every_link_within_the_page_leads_somewhere_and_no_place_is_there_twice(whole: Live) -> None:
    seen = Seen(whole.client.get("/docs").text)
    assert len(seen.ids) == len(set(seen.ids))
    inside = {link[1:] for link in seen.links if link.startswith("#")}
    assert inside <= set(seen.ids)
    # Each route, each group and each shape that a type names can be gone to.
    assert {"get-compare", "get-reports-name", "reports", "shapes", "shape-Figures"} <= inside
    assert {link for link in seen.links if not link.startswith("#")} == {
        "/",
        "/static/tally.svg",
        "/static/tally.css",
        "/docs.css",
        "/static/theme.js",
        "/api/v1/openapi.json",
    }


def test_it_is_whole_without_a_script_and_has_no_style_within(whole: Live) -> None:
    answer = whole.client.get("/docs")
    assert answer.headers["content-security-policy"] == CSP
    seen = Seen(answer.text)
    assert not {"style", "iframe", "img"} & set(seen.tags)
    # The only one sets the theme that a person chose; nothing of the page waits for it.
    assert re.findall("<script[^>]*>[^<]*", answer.text) == ['<script src="/static/theme.js">']
    assert "style" not in seen.attributes
    assert not any(name.startswith("on") for name in seen.attributes)
    style = whole.client.get("/docs.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "http" not in style.text


def test_whoever_has_it_is_told_so(whole: Live) -> None:
    tag = whole.client.get("/docs").headers["etag"]
    again = whole.client.get("/docs", headers={"If-None-Match": f"W/{tag}"})
    assert (again.status_code, again.content) == (304, b"")
    # Under another name the lines to copy are others.
    other = whole.client.get("/docs", headers={"If-None-Match": tag, "Host": f"localhost:{whole.port}"})
    assert other.status_code == 200
    assert f"curl http://localhost:{whole.port}/api/v1/reports<" in other.text


def test_the_lines_to_copy_can_be_run(whole: Live) -> None:
    lines = Seen(whole.client.get("/docs").text).blocks
    curl = which("curl")
    for line in lines:
        program, *rest = shlex.split(line)
        assert program == "curl"
        if "-N" in rest:
            continue
        address = rest[-1]
        if curl and "compare" in address:
            run = subprocess.run([curl, "-sS", address], capture_output=True, check=True, text=True)
            assert "tallystick.comparison/1" in run.stdout
        # Yesterday nothing was used.
        assert whole.client.get(address).status_code == (404 if "/why" in address or "/points" in address else 200), (
            line
        )


def test_types_meanings_and_examples_are_told() -> None:
    seen = Seen(page(SMALL, "http://localhost:1"))
    rows = {row[0]: row[1:] for row in seen.rows}
    assert rows["most needed"] == ["integer, 1 to 500", "How many. For example 10."]
    assert rows["kind"] == ["a | b", ""]
    assert rows["parts"] == ["list of Part", ""]
    assert rows["count"] == ["integer or null", "How many. Not always there."]
    assert rows["since"][0] == "date"
    assert rows["by_name"][0] == "by name: integer"
    assert rows["404"] == ["None."]
    assert "What there is." in seen.text
    (line,) = seen.blocks
    assert shlex.split(line) == ["curl", "http://localhost:1/api/v1/things/it%27s%20/one?most=10"]


def test_where_a_token_is_wanted_the_lines_show_it() -> None:
    (line,) = Seen(page(SMALL, "http://localhost:1", token=True)).blocks
    assert line.startswith('curl -H "Authorization: Bearer $TALLY_SERVER_TOKEN" ')


def test_whatever_is_called_what_is_text() -> None:
    info = {**SMALL["info"], "title": HOSTILE, "description": HOSTILE}
    seen = Seen(page({**SMALL, "info": info}, f"http://{HOSTILE}"))
    assert seen.tags.count("script") == 1
    assert seen.text.count("<script>alert(1)</script>") >= 4


def test_the_style_is_there_where_it_is_installed() -> None:
    assert (Path(docs_page.__file__).parent / "static" / "docs.css").is_file()
