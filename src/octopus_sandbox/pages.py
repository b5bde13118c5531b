"""The frame of the sandbox's HTML pages: plain, readable, without scripts."""

from html import escape

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --paper: #fff; --behind: #eef1f4; --faint: #4d5b69; --edge: #6b7a89;
  --line: #cfd8e0; --accent: #0b5f70; --on-accent: #fff; --danger: #a3231c; --on-danger: #fff; --alarm: #fdecea;
  --alarmed: #7a1710; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e9ee; --paper: #1c252e; --behind: #12181f; --faint: #a9b8c6; --edge: #8595a4; --line: #3a4855;
    --accent: #7cc4d3; --on-accent: #0c1a20; --danger: #ff9d94; --on-danger: #2b0906; --alarm: #4a1613;
    --alarmed: #ffd9d4; }
}
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: var(--behind); color: var(--ink); }
main { max-width: 26rem; margin: 8vh auto; padding: 2rem; background: var(--paper); border-radius: 10px;
  box-shadow: 0 2px 14px rgb(20 40 60 / .12); }
main.wide { max-width: 64rem; margin: 3vh auto; }
h1 { font-size: 1.35rem; margin-top: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: .6rem 0; }
a { color: var(--accent); }
label { display: block; margin: .7rem 0; font-weight: 600; }
input, select { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; font-weight: 400;
  color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: 6px; }
input[type=checkbox] { display: inline-block; width: 1.15rem; height: 1.15rem; vertical-align: middle; }
button { padding: .55rem 1.2rem; font: inherit; font-weight: 600; border-radius: 6px; border: 1px solid var(--accent);
  background: var(--accent); color: var(--on-accent); cursor: pointer; }
button.quiet { background: transparent; color: var(--accent); }
button.danger { background: var(--danger); border-color: var(--danger); color: var(--on-danger); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.error { padding: .5rem .8rem; border-left: 4px solid var(--danger); background: var(--alarm); color: var(--alarmed); }
.note { color: var(--faint); font-size: .9rem; }
.said { padding: .5rem .8rem; border-left: 4px solid var(--accent); color: var(--ink); font-size: 1rem; }
.forms { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1rem; }
.forms form, fieldset { border: 1px solid var(--line); border-radius: 8px; padding: .4rem 1rem 1rem; margin: 0; }
.row { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; } .row label { margin: 0; }
.row .tick { padding-bottom: .5rem; }
.inline { display: inline; }
.tabs { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; }
.tabs a[aria-current] { font-weight: 700; color: var(--ink); text-decoration: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: var(--faint); font-size: .9rem; }
td, th { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
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
