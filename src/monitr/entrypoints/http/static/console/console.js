// The console: the cards of the Integrations page, driven through the GraphQL API like any front end.
import {
  CANCEL, CARDS, CONNECT, DELETE, DOSSIERS, PROGRESS, RECONNECT, REMOVE, SELECT, START, Unauthenticated, ask, follow,
} from "./api.js";
import { ADMINISTRATION, DATASET, INTEGRATION, OUTCOMES, RUN, TONES, VERIFICATION, when } from "./words.js";

const TOKEN = "monitr.token";
const byId = (id) => document.getElementById(id);
const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

const demoToken = meta("monitr-demo-token");
const state = { token: sessionStorage.getItem(TOKEN) || demoToken, followed: new Map() };
const active = (run) => run && ["QUEUED", "RUNNING", "WAITING"].includes(run.status);

/** An element with attributes, listeners (onclick) and children; text is always text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

const badge = ([tone, text]) => make("span", { class: `badge ${tone}` }, text);
const button = (text, onclick, kind = "quiet") => make("button", { type: "button", class: kind, onclick }, text);

function notice(tone, text) {
  const box = byId("outcome");
  box.className = `notice ${tone}`;
  box.textContent = text;
  box.hidden = false;
}

/** Runs a step for a person: what goes wrong is told in the notice, and the button rests while it runs. */
const step = (work) => async (event) => {
  const pressed = event?.currentTarget;
  if (pressed) pressed.disabled = true;
  try {
    await work();
  } catch (error) {
    if (error instanceof Unauthenticated) refused();
    else notice("bad", error.message);
  } finally {
    if (pressed) pressed.disabled = false;
  }
};

/** The success of a result union; a Problem is thrown with its message. */
async function mutate(mutation, variables) {
  const { result } = await ask(state.token, mutation, variables);
  if (result.code) throw new Error(result.message);
  return result;
}

/** A token of before that is no longer accepted gives way to the one that the demo has preset. */
function refused() {
  sessionStorage.removeItem(TOKEN);
  const other = demoToken && state.token !== demoToken;
  state.token = demoToken;
  if (other) step(refresh)();
  else signIn("The token is not accepted, or has run out. Paste a fresh one.");
}

function signIn(problem) {
  byId("sign-in").hidden = false;
  byId("cards").replaceChildren();
  byId("cards").setAttribute("aria-busy", "false");
  if (problem) notice("bad", problem);
  byId("token").focus();
}

async function refresh() {
  const { integrationProviders } = await ask(state.token, CARDS);
  byId("sign-in").hidden = true;
  byId("cards").replaceChildren(...integrationProviders.flatMap(providerCards));
  byId("cards").setAttribute("aria-busy", "false");
  nameLost(integrationProviders.flatMap((provider) => provider.integrations));
  for (const provider of integrationProviders)
    for (const integration of provider.integrations) integration.administrations.forEach(followRun);
}

function providerCards(provider) {
  const add = make(
    "article",
    { class: "card", "aria-label": provider.name },
    make(
      "div",
      { class: "row" },
      make("div", {}, make("h3", {}, provider.name), make("p", { class: "meta" }, `${provider.region} · OAuth 2`)),
      button("Add", step(() => leaveFor(CONNECT, {})), ""),
    ),
  );
  return [add, ...provider.integrations.map((integration) => integrationCard(provider, integration))];
}

function integrationCard(provider, integration) {
  const facts = [
    integration.authorizedAt && `Connected ${when(integration.authorizedAt)}`,
    integration.authorizationExpiresAt && `authorised until ${when(integration.authorizationExpiresAt)}`,
  ].filter(Boolean);
  const broken = integration.status === "RECONNECT_REQUIRED";
  return make(
    "article",
    { class: "card", "aria-label": `${provider.name} integration` },
    make(
      "div",
      { class: "row" },
      make(
        "div",
        {},
        make("h3", {}, `${provider.name} integration `, badge(INTEGRATION[integration.status] ?? ["", integration.status])),
        make("p", { class: "meta" }, facts.join(", ")),
      ),
      make(
        "div",
        { class: "row" },
        !broken && button("Select dossiers", step(() => chooseDossiers(integration)), ""),
        button("Reconnect", step(() => leaveFor(RECONNECT, { id: integration.id })), broken ? "" : "quiet"),
        button("Delete", () => confirmDeletion(integration), "danger"),
      ),
    ),
    integration.lastError &&
      make("p", { class: "notice bad" }, [integration.lastError.message, integration.lastError.action].filter(Boolean).join(" ")),
    integration.administrations.length
      ? make("ul", { class: "administrations" }, ...integration.administrations.map(administrationRow))
      : make("p", { class: "hint" }, "No dossier is selected yet."),
  );
}

function administrationRow(administration) {
  return make(
    "li",
    { id: `administration-${administration.id}` },
    make(
      "div",
      { class: "row spread" },
      make(
        "div",
        {},
        make("h3", {}, administration.name, " ", ADMINISTRATION[administration.status] && badge(ADMINISTRATION[administration.status])),
        make("p", { class: "hint" }, [`Dossier ${administration.dossierNumber}`, administration.vatNumber].filter(Boolean).join(" · ")),
      ),
      make(
        "div",
        { class: "row" },
        button("Sync now", step(() => sync(administration, "INCREMENTAL"))),
        button("Read everything again", step(() => sync(administration, "FULL"))),
        button("Remove", () => confirmRemoval(administration), "danger"),
      ),
    ),
    make("div", { class: "run", id: `run-${administration.id}` }, ...runLines(administration, administration.lastImport)),
    make(
      "div",
      { class: "datasets" },
      ...administration.datasets
        .filter((dataset) => dataset.status !== "NEVER")
        .map(({ dataset, status, rows }) => badge([TONES[status], `${DATASET[dataset] ?? dataset}: ${rows.toLocaleString()}`])),
    ),
    administration.nextImportAt && make("p", { class: "hint" }, `Next import ${when(administration.nextImportAt)}`),
  );
}

function runLines(administration, run) {
  if (!run) return [make("p", { class: "hint" }, "Never imported.")];
  const done = Math.round(run.progress * 100);
  const remarks = (run.verification?.checks ?? []).filter((check) => check.detail);
  return [
    make(
      "p",
      {},
      badge(RUN[run.status] ?? ["", run.status]),
      " ",
      run.verification && badge(VERIFICATION[run.verification.status] ?? ["", run.verification.status]),
      run.finishedAt && make("span", { class: "hint" }, ` ${when(run.finishedAt)}`),
    ),
    active(run) &&
      make(
        "div",
        { class: "row" },
        make("progress", { max: "100", value: String(done), "aria-label": `Import of ${administration.name}` }),
        make("span", { class: "hint" }, `${done} %`),
        button("Cancel", step(() => mutate(CANCEL, { id: run.id }))),
      ),
    run.error && make("p", { class: "notice bad" }, [run.error.message, run.error.action].filter(Boolean).join(" ")),
    remarks.length > 0 &&
      make(
        "details",
        {},
        make("summary", {}, `${remarks.length} remark${remarks.length > 1 ? "s" : ""} of the verification`),
        ...remarks.map((check) => make("p", { class: "hint" }, `${check.code}: ${check.detail}`)),
      ),
  ].filter(Boolean);
}

function followRun(administration) {
  if (!active(administration.lastImport) || state.followed.has(administration.id)) return;
  let last = administration.lastImport;
  const stop = follow(
    state.token,
    PROGRESS,
    { id: administration.id },
    ({ data }) => {
      if (!data?.importProgress) return;
      last = data.importProgress;
      byId(`run-${administration.id}`)?.replaceChildren(...runLines(administration, last));
      byId("live").textContent = `${administration.name}: ${RUN[last.status]?.[1] ?? last.status}, ${Math.round(last.progress * 100)} %`;
    },
    () => {
      state.followed.delete(administration.id);
      if (!active(last)) step(refresh)();
    },
  );
  state.followed.set(administration.id, stop);
}

async function leaveFor(mutation, variables) {
  const { authorizationUrl } = await mutate(mutation, { ...variables, returnTo: "/" });
  location.assign(authorizationUrl);
}

async function sync(administration, mode) {
  const { refused } = await mutate(START, { ids: [administration.id], mode });
  if (refused.length) notice("warn", refused.map((refusal) => refusal.message).join(" "));
  await refresh();
}

async function chooseDossiers(integration) {
  const { integration: found } = await ask(state.token, DOSSIERS, { id: integration.id });
  const dossiers = found?.dossiers ?? [];
  const choices = dossiers.map((dossier) =>
    make(
      "label",
      { class: "choice" },
      make("input", { type: "checkbox", value: String(dossier.number), disabled: !dossier.selectable }),
      make("span", {}, `${dossier.name} (${dossier.number})`, dossier.reason && make("small", {}, dossier.reason)),
    ),
  );
  const body = choices.length ? choices : [make("p", {}, "This Octopus login sees no dossiers.")];
  dialog("Select dossiers", "Select", body, async () => {
    const numbers = [...byId("dialog-body").querySelectorAll("input:checked")].map((box) => Number(box.value));
    if (!numbers.length) throw new Error("Tick at least one dossier.");
    await mutate(SELECT, { id: integration.id, numbers });
    notice("good", "Selected. The first import has been queued.");
  });
}

function confirmRemoval(administration) {
  const text = `${administration.name} disappears from every report at once. Selecting the dossier again within the retention time brings it back.`;
  dialog("Remove this administration?", "Remove", [make("p", {}, text)], async () => {
    const { purgeAfter } = await mutate(REMOVE, { id: administration.id });
    notice("good", `${administration.name} was removed. Its data is kept until ${when(purgeAfter)}.`);
  });
}

function confirmDeletion(integration) {
  const text = "Its authorisation is erased at once and its administrations are removed.";
  dialog("Delete this integration?", "Delete", [make("p", {}, text)], async () => {
    const { purgeAfter } = await mutate(DELETE, { id: integration.id });
    notice("good", `The integration was deleted. Its data is kept until ${when(purgeAfter)}.`);
  });
}

function dialog(title, action, body, work) {
  const box = byId("dialog");
  const problem = byId("dialog-problem");
  byId("dialog-title").textContent = title;
  byId("dialog-body").replaceChildren(...body);
  problem.hidden = true;
  const confirm = byId("dialog-confirm");
  confirm.textContent = action;
  confirm.onclick = async () => {
    confirm.disabled = true;
    try {
      await work();
      box.close();
      await refresh();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      confirm.disabled = false;
    }
  };
  byId("dialog-cancel").onclick = () => box.close();
  box.showModal();
}

/** The address holds ids; the names come with the cards. */
function nameLost(integrations) {
  const administrations = integrations.flatMap((integration) => integration.administrations);
  const names = administrations.filter(({ id }) => state.lost.includes(id)).map(({ name }) => name);
  if (names.length) byId("outcome").append(` This login does not open: ${names.join(", ")}.`);
  state.lost = [];
}

/** How an OAuth round ended stands in the address; it is told once and taken out of it. */
function tellOutcome() {
  const query = new URLSearchParams(location.search);
  const [error, integrationId] = [query.get("error"), query.get("integrationId")];
  if (error) notice(...(OUTCOMES[error] ?? ["bad", "Octopus was not connected. Try again."]));
  else if (integrationId) notice("good", "Octopus is connected. Now select the dossiers to import.");
  state.lost = query.get("lost")?.split(",") ?? [];
  if (error || integrationId) history.replaceState(null, "", location.pathname);
}

byId("graphiql-link").hidden = meta("monitr-graphiql") !== "yes";
byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  state.token = byId("token").value.trim();
  sessionStorage.setItem(TOKEN, state.token);
  byId("outcome").hidden = true;
  step(refresh)();
});
tellOutcome();
if (state.token) step(refresh)();
else signIn();
