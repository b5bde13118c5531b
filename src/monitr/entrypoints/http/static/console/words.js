// What codes and states mean, in words for people.

export const OUTCOMES = {
  access_denied: ["warn", "Octopus was not connected: the login was cancelled. Nothing was changed."],
  invalid_state: [
    "bad",
    "Octopus was not connected: the login does not belong to this browser, or its address was used before. Start again here.",
  ],
  expired: ["warn", "Octopus was not connected: the login took more than ten minutes. Start again."],
  octopus_unavailable: ["bad", "Octopus was not connected: it did not answer. Try again in a few minutes."],
  different_account: [
    "bad",
    "The integration was not reconnected: that Octopus login opens none of the dossiers that were selected. Nothing was changed: use the login of before.",
  ],
};

export const INTEGRATION = {
  CONFIGURED: ["good", "Connected"],
  RECONNECT_REQUIRED: ["bad", "Reconnect needed"],
  AWAITING_AUTHORIZATION: ["warn", "Waiting for Octopus"],
};

export const RUN = {
  QUEUED: ["", "Queued"],
  RUNNING: ["warn", "Importing"],
  WAITING: ["warn", "Waiting for tomorrow's quota"],
  SUCCEEDED: ["good", "Imported"],
  FAILED: ["bad", "Failed"],
  CANCELLED: ["", "Cancelled"],
};

export const VERIFICATION = {
  PASSED: ["good", "Agrees with the books"],
  WARNING: ["warn", "Agrees, with remarks"],
  FAILED: ["bad", "Differs from the books"],
  NOT_AVAILABLE: ["", "Could not be checked"],
};

export const ADMINISTRATION = {
  NOT_FOUND: ["bad", "Octopus no longer has this dossier"],
  ACCESS_LOST: ["bad", "This login may not open the dossier any more"],
};

export const DATASET = {
  GENERAL_LEDGER: "Ledger lines",
  ACCOUNTS: "Accounts",
  DIMENSIONS: "Cost centres",
  OUTSTANDING_ITEMS: "Outstanding items",
  FIXED_ASSETS: "Fixed assets",
  BOOKYEARS: "Bookyears",
  JOURNALS: "Journals",
  RELATIONS: "Relations",
};

export const TONES = { FRESH: "good", STALE: "warn", FAILED: "bad", NEVER: "" };

export const when = (instant) =>
  instant ? new Date(instant).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) : null;
