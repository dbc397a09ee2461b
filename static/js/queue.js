// What was done here and has not arrived yet: kept in IndexedDB, so that it outlives the page, the browser and the
// battery; sent in order; taken out when the server has answered for it. Used by the pages and by the service worker.

const BATCH = 100; // the most that one call may bring
const PATIENCE = 20000;

let opening = null;
const loose = []; // what this device would not keep; it lives as long as the page

export const heard = "BroadcastChannel" in self ? new BroadcastChannel("queue") : new EventTarget();

function open() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("pantry", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("intents", { keyPath: "number", autoIncrement: true });
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      asked.result.onclose = () => (opening = null);
      resolve(asked.result);
    };
  });
  opening.catch(() => (opening = null));
  return opening;
}

async function run(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("intents", mode, { durability: "strict" });
    const asked = act(transaction.objectStore("intents"));
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

// Resolves when the intents are safe. False: they are only in the memory of this page.
export async function put(intents) {
  try {
    await run("readwrite", (store) => intents.forEach((intent) => store.add(intent)));
    heard.postMessage?.({ changed: true });
    return true;
  } catch {
    loose.push(...intents);
    return false;
  }
}

export async function all() {
  const kept = await run("readonly", (store) => store.getAll()).catch(() => []);
  return [...kept, ...loose];
}

export async function drop(ids) {
  await change(new Map(ids.map((id) => [id, null])));
  heard.postMessage?.({ changed: true });
}

// By op_id: what an intent has become, or null when it is over. Intents that are no longer there stay away.
async function change(fates) {
  for (const [id, fate] of fates) {
    const index = loose.findIndex((intent) => intent.op_id === id);
    if (index >= 0) fate ? Object.assign(loose[index], fate) : loose.splice(index, 1);
  }
  await run("readwrite", (store) => {
    store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      const fate = fates.get(cursor.value.op_id);
      if (fate) cursor.update({ ...cursor.value, ...fate });
      else if (fate === null) cursor.delete();
      cursor.continue();
    };
  }).catch(() => {});
}

export const isWaiting = (intent) => !intent.outcome;

// Refused with a reason, or failed by a mistake of the server: nothing was done.
export const wasNotDone = ({ outcome }) => outcome === "refused" || outcome === "failed";

// One sender at a time on a device, whatever tabs are open. Resolves with where it ended: "sent", "away" (try again
// later) or "signed out". `tell` hears the results of each call.
export function send(user, tell) {
  const act = async () => {
    let most = BATCH;
    for (;;) {
      const batch = next(await all(), user).slice(0, most);
      if (!batch.length) return "sent";
      const answer = await post(batch);
      if (!answer || answer.status === 429 || answer.status >= 500) return "away";
      if (answer.status === 401) return "signed out";
      if (!answer.said || answer.said.error?.message?.startsWith("CSRF")) return "away";
      if (answer.status === 200) await settle(batch, answer.said.results, tell);
      else if (batch.length > 1 && ![403, 404].includes(answer.status)) most = 1; // one of them can't be read: which?
      else await settle(batch, batch.map(({ op_id }) => refused(op_id, answer.said)), tell);
    }
  };
  return self.navigator.locks ? navigator.locks.request("queue", act) : act();
}

// The first of this person's that wait, as far as they are for one home.
function next(intents, user) {
  const waiting = intents.filter((intent) => intent.user === user && isWaiting(intent));
  const other = waiting.findIndex((intent) => intent.home !== waiting[0].home);
  return other < 0 ? waiting : waiting.slice(0, other);
}

async function post(batch) {
  const [{ home, user }] = batch;
  const intents = batch.map(({ op_id, kind, meant_at, seen, data }) => ({ op_id, kind, meant_at, seen, data }));
  try {
    const answer = await fetch(`/api/homes/${home}/intents`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": await token() },
      body: JSON.stringify({ now: new Date().toISOString(), by: user, intents }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: answer.status, said: await answer.json().catch(() => null) };
  } catch {
    return null;
  }
}

export async function token() {
  const kept = self.document ? document.cookie : `csrftoken=${(await cookieStore.get("csrftoken"))?.value ?? ""}`;
  return kept.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? "";
}

const refused = (op_id, said) => ({ op_id, outcome: "refused", message: said.error?.message ?? "", seq: 0 });

async function settle(batch, results, tell) {
  const fates = new Map();
  for (const { op_id, outcome, message } of results) fates.set(op_id, outcome === "done" ? null : { outcome, message });
  if (!batch.some(({ op_id }) => fates.has(op_id))) throw new Error("the answer is about other intents");
  await change(fates);
  heard.postMessage?.({ results });
  tell(results);
}
