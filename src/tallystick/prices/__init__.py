"""What a model cost at a moment: genai-prices compiled ahead, our dated overlay, LiteLLM's table and the person's own prices."""
