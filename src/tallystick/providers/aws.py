"""Amazon Bedrock: models as their vendors speak, Converse, and Mantle, which speaks OpenAI's and Anthropic's APIs."""

from functools import partial
from typing import Final

from tallystick.providers.anthropic_messages import Messages
from tallystick.providers.bedrock_converse import Converse
from tallystick.providers.formats import MESSAGES, OPENAI, route
from tallystick.providers.shape import Listing

_MODEL: Final = r"/model/(?P<model>.+)"
_INVOKE: Final = route(rf"{_MODEL}/invoke(?:-with-response-stream)?", partial(Messages, named_by_path=True))
_CONVERSE: Final = route(rf"{_MODEL}/converse(?:-stream)?", Converse)

AWS: Final = Listing(
    "aws",
    ("bedrock-runtime.*.amazonaws.com", "bedrock-runtime-fips.*.amazonaws.com", "bedrock-mantle.*.api.aws"),
    (_INVOKE, _CONVERSE, MESSAGES, *OPENAI),
    ("x-amzn-requestid", "request-id", "x-request-id"),
)
