"""Draws docs/images/tui.svg: the terminal interface on a real study of scikit-learn's digits.

`python docs/images/draw_tui.py` runs the study with a real driver in a folder that is thrown away
(a minute or two), pictures the screen while two trials run, and stops the study.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from agenttune.plan import understand
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.engine import Engine

REQUEST = "tune an SVM on digits for accuracy, 30 trials, 2 at a time"
PICTURE = Path(__file__).with_name("tui.svg")
SIZE = (116, 32)
DRAWN_AFTER = 22
"""Finished trials on the picture."""


async def main() -> None:
    """Writes the picture."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder) / "studies.db")
        row = engine.create(understand(REQUEST))
        engine.drive(row.id)
        app = AgentTuneApp(engine, study_id=row.id)
        async with app.run_test(size=SIZE) as pilot:
            while app.snapshot is None or app.snapshot.n_done < DRAWN_AFTER or len(app.snapshot.running) < 2:
                await pilot.pause(0.1)
            await pilot.pause(0.3)
            PICTURE.write_text(without_web_fonts(app.export_screenshot(title="agenttune")), encoding="utf-8")
            engine.control(row.id, "stop")
            while not app.snapshot.phase.is_ended:
                await pilot.pause(0.1)


def without_web_fonts(svg: str) -> str:
    """The picture without fonts from the net: nothing is fetched by whoever looks at it."""
    return re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    asyncio.run(main())
