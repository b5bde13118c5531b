// The console in a frame of a front end, which hands it its own token (docs/security.md). Messages are objects with a `type`:
//   to the front end:   {type: "monitr:token-wanted", why: "start" | "expiring" | "refused"}, {type: "monitr:signed-out"}
//   from the front end: {type: "monitr:token", token: "…"}
// Only the page that frames us is listened to, and only where its origin is one of those that may frame us.

/** `origins`: those that may. Null where this page is in no frame, or nobody may frame it. */
export function embedding(origins, { frame = window } = {}) {
  const host = frame.parent;
  if (host === frame || origins.length === 0) return null;
  /** The browser delivers it to the origin that is the host's, and to nobody else. */
  const send = (message) => origins.forEach((origin) => host.postMessage(message, origin));
  return {
    want: (why) => send({ type: "monitr:token-wanted", why }),
    signedOut: () => send({ type: "monitr:signed-out" }),
    /** Calls `take` with every token that the front end hands over. */
    onToken(take) {
      frame.addEventListener("message", ({ source, origin, data }) => {
        const isHosts = source === host && origins.includes(origin);
        if (isHosts && data?.type === "monitr:token" && typeof data.token === "string") take(data.token);
      });
    },
  };
}
