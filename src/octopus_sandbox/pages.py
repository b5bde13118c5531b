"""The frame of the sandbox's HTML pages: plain, readable, without scripts."""

from html import escape

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #eef1f4; color: #1d2733; }
main { max-width: 26rem; margin: 8vh auto; padding: 2rem; background: #fff; border-radius: 10px;
  box-shadow: 0 2px 14px rgb(20 40 60 / .12); }
main.wide { max-width: 64rem; margin: 3vh auto; }
h1 { font-size: 1.35rem; margin-top: 0; } h2 { font-size: 1.05rem; margin-bottom: .3rem; }
label { display: block; margin: .7rem 0; font-weight: 600; }
input, select { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; font-weight: 400;
  border: 1px solid #94a3b3; border-radius: 6px; }
button { padding: .55rem 1.2rem; font: inherit; font-weight: 600; border-radius: 6px; border: 1px solid #0b5f70;
  background: #0b5f70; color: #fff; cursor: pointer; }
button.quiet { background: #fff; color: #0b5f70; }
.error { padding: .5rem .8rem; border-left: 4px solid #b3261e; background: #fdecea; color: #7a1710; }
.note { color: #51606e; font-size: .9rem; }
.forms { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
.forms form { border: 1px solid #cfd8e0; border-radius: 8px; padding: .4rem 1rem 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .25rem .6rem .25rem 0; }
@media (prefers-color-scheme: dark) {
  body { background: #12181f; color: #e3e9ee; } main { background: #1c252e; }
  input, select { background: #12181f; color: inherit; } button.quiet { background: transparent; color: #7cc4d3; }
  .note { color: #9fb0bf; } .forms form { border-color: #3a4855; }
}
"""


def page(title: str, body: str, *, wide: bool = False) -> str:
    """A whole HTML document; `body` is HTML, `title` is text."""
    width = "wide" if wide else "narrow"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · Octopus sandbox</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f'<body><main class="{width}"><h1>{escape(title)}</h1>{body}</main></body></html>'
    )
