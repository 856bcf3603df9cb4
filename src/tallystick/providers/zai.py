"""Z.ai and Zhipu, its sister in China: OpenAI's manner, and Anthropic's."""

from typing import Final

from tallystick.providers.formats import CHAT, EMBEDDINGS, MESSAGES
from tallystick.providers.shape import Listing

ZAI: Final = Listing("zai", ("api.z.ai",), (CHAT, EMBEDDINGS, MESSAGES))
ZHIPUAI: Final = Listing("zhipuai", ("open.bigmodel.cn",), (CHAT, EMBEDDINGS, MESSAGES))
