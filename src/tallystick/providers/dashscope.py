"""Alibaba's DashScope and Qwen's portal: OpenAI's manner, and Anthropic's with the cache told only at a stream's end."""

from functools import partial
from typing import Final

from tallystick.providers.anthropic_messages import Messages
from tallystick.providers.formats import CHAT, EMBEDDINGS, RESPONSES, route
from tallystick.providers.shape import Listing

DASHSCOPE: Final = Listing(
    "qwen",
    (
        "dashscope.aliyuncs.com",
        "dashscope-intl.aliyuncs.com",
        "dashscope-us.aliyuncs.com",
        "coding.dashscope.aliyuncs.com",
        "coding-intl.dashscope.aliyuncs.com",
        "portal.qwen.ai",
    ),
    (CHAT, EMBEDDINGS, RESPONSES, route(r"/messages", partial(Messages, whole_prompt_first=True))),
    ("x-request-id", "x-dashscope-request-id"),
)
