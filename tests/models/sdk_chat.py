"""A chat model as a package of a vendor's would be: LangChain's interface over the vendor's SDK, no line of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult


class SdkChat(BaseChatModel):
    """Sends what it is bound to, its own settings, and nothing else."""

    url: str
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    timeout_s: float = 10.0

    @property
    def _llm_type(self) -> str:
        return "sdk"

    def bind_tools(self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any) -> Any:
        """Offers tools, in OpenAI's form already."""
        return self.bind(tools=list(tools), **({} if tool_choice is None else {"tool_choice": tool_choice}))

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
        with self._client() as client:
            answer = client.chat.completions.create(**self._request(messages), **kwargs)
        choice, usage = answer.choices[0], answer.usage
        message = AIMessage(
            content=choice.message.content or "",
            additional_kwargs={"tool_calls": [call.to_dict() for call in choice.message.tool_calls or []]},
            response_metadata={"model_name": answer.model, "finish_reason": choice.finish_reason},
            usage_metadata={
                "input_tokens": usage.prompt_tokens,
                "output_tokens": usage.completion_tokens,
                "total_tokens": usage.prompt_tokens + usage.completion_tokens,
            },
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        with self._client() as client:
            for event in client.chat.completions.create(**self._request(messages), stream=True, **kwargs):
                for choice in event.choices:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=choice.delta.content or ""))

    def _client(self) -> Any:
        return openai.OpenAI(base_url=self.url, api_key="none", max_retries=0, timeout=self.timeout_s)

    def _request(self, messages: list[BaseMessage]) -> dict[str, Any]:
        settings = {name: getattr(self, name) for name in ("temperature", "max_tokens", "seed")}
        told = {name: value for name, value in settings.items() if value is not None}
        return {"model": "test", "messages": convert_to_openai_messages(messages), **told}
