"""A route and what its description tells."""

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from tallystick.faces.http.models import Document
from tallystick.faces.http.parameters import LIMIT, Parameter
from tallystick.faces.http.routing import Told, add


def test_the_description_holds_parameters_problems_and_the_body() -> None:
    async def thing(_: Request) -> Response:
        return Response()

    router, app = APIRouter(), FastAPI()
    name = Parameter("name", "Its name.", {"type": "string"}, needed=True)
    add(router, "/things/{name}", thing, Told("A thing", Document, (LIMIT,), (name,), (400, 404)))
    app.include_router(router)
    told = app.openapi()["paths"]["/things/{name}"]["get"]
    assert [(each["name"], each["in"], each["required"]) for each in told["parameters"]] == [
        ("name", "path", True),
        ("limit", "query", False),
    ]
    assert set(told["responses"]) == {"200", "304", "400", "401", "403", "404", "421", "429", "503"}
    assert told["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Document")
