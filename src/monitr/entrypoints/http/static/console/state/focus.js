// The keyboard's place: it is not lost with what had the focus.

/** Once, when the page begins: where what had the focus is gone and nothing else has taken it, the title of the page does. */
export function keepFocus() {
  let last = null;
  addEventListener("focusin", ({ target }) => (last = target));
  const mend = () => {
    if (!last || last.isConnected || document.activeElement !== document.body) return;
    document.querySelector("h1")?.focus({ preventScroll: true });
  };
  new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
}
