// A value that components may follow.
import { useLayoutEffect, useState } from "../vendor/view.js";

export function store(value) {
  const listeners = new Set();
  const held = {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener(next);
    },
    /** Returns how to stop it. */
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** A hook: the value, and a new rendering whenever it changes. */
    use() {
      const [seen, see] = useState(value);
      useLayoutEffect(() => {
        see(value);
        return held.onChange(see);
      }, []);
      return seen;
    },
  };
  return held;
}
