"""A copy reaches the terminal: by its own code, and wrapped for tmux inside of it."""

from __future__ import annotations

import base64

import pytest

from tests.tui.workshop import Workshop

TEXT = "C = 12.3, gämma"
CODE = f"]52;c;{base64.b64encode(TEXT.encode()).decode()}\a"


@pytest.mark.parametrize(
    ("tmux", "codes"), [(None, [f"\x1b{CODE}"]), ("/tmp/tmux-0", [f"\x1b{CODE}", f"\x1bPtmux;\x1b\x1b{CODE}\x1b\\"])]
)
async def test_copy_is_sent_to_the_terminal(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, tmux: str | None, codes: list[str]
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    if tmux is not None:
        monkeypatch.setenv("TMUX", tmux)
    app = shop.app()
    async with app.run_test():
        assert app._driver is not None
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        app.copy_to_clipboard(TEXT)
    assert [code for code in written if "52;c" in code] == codes
