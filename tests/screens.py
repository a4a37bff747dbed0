"""A page as it looks on several screens while it is loaded once: loading is most of the work."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Page

Theme = Literal["light", "dark"]
# The theme is a class, which the pages themselves set from the system's once, as they load. A colour that is on its
# way to another one is neither, so that is waited for.
TURN = """async dark => {
  document.documentElement.classList.toggle("dark", dark);
  const running = document.getAnimations().filter(each => each instanceof CSSTransition);
  await Promise.allSettled(running.map(each => each.finished));
}"""


def prepare(page: Page, theme: Theme, width: int, height: int = 850) -> None:
    """The screen of what is loaded next."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": height})


def turn(page: Page, theme: Theme, width: int, height: int = 850) -> None:
    """Show the page that is open as it is in this theme and width."""
    prepare(page, theme, width, height)
    page.evaluate(TURN, theme == "dark")
