// The queue of changes that have not reached the server: kept in IndexedDB, so that it survives the page, the browser
// and an empty battery; sent in order; removed when the server has answered. Pages and the service worker use it.

const BATCH_SIZE = 100; // the API accepts no more in one request
const TIMEOUT_MS = 20000;
const MAX_WAIT_MS = 3600_000; // a longer one comes from a clock that was set back
const DEFAULT_WAIT_SECONDS = 5;

let opening = null;
const memoryOnly = []; // what this browser could not store; lost with the page

export const channel = "BroadcastChannel" in self ? new BroadcastChannel("queue") : new EventTarget();

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("pantry", 1);
    request.onupgradeneeded = () =>
      request.result.createObjectStore("intents", { keyPath: "number", autoIncrement: true });
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      request.result.onclose = () => {
        opening = null;
      };
      resolve(request.result);
    };
  });
  opening.catch(() => {
    opening = null;
  });
  return opening;
}

async function inTransaction(mode, callback) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("intents", mode, { durability: "strict" });
    const request = callback(transaction.objectStore("intents"));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Store the intents. Resolve with false where they are only in the memory of this page. */
export async function put(intents) {
  try {
    await inTransaction("readwrite", (store) => {
      for (const intent of intents) store.add(intent);
    });
    channel.postMessage?.({ changed: true });
    return true;
  } catch {
    memoryOnly.push(...intents);
    return false;
  }
}

export async function all() {
  const stored = await inTransaction("readonly", (store) => store.getAll()).catch(() => []);
  return [...stored, ...memoryOnly];
}

export async function drop(ids) {
  await update(new Map(ids.map((id) => [id, null])));
  channel.postMessage?.({ changed: true });
}

// `updates` has, by op_id, the new fields of an intent, or null to remove it. Intents that are gone stay away.
async function update(updates) {
  for (const [id, fields] of updates) {
    const index = memoryOnly.findIndex((intent) => intent.op_id === id);
    if (index < 0) continue;
    if (fields) Object.assign(memoryOnly[index], fields);
    else memoryOnly.splice(index, 1);
  }
  await inTransaction("readwrite", (store) => {
    store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      const fields = updates.get(cursor.value.op_id);
      if (fields) cursor.update({ ...cursor.value, ...fields });
      else if (fields === null) cursor.delete();
      cursor.continue();
    };
  }).catch(() => {});
}

export const isWaiting = (intent) => !intent.outcome;

/** Whether nothing was done: refused with a reason, or failed by a mistake of the server. */
export const wasNotDone = ({ outcome }) => outcome === "refused" || outcome === "failed";

/**
 * Send what waits of this user. One sender at a time on a device, whatever tabs are open.
 * Resolve with the state "sent", "away" (try again later), "throttled" (try again in so many `seconds`) or "signed
 * out". `onResults` gets the results of each request.
 */
export function send(user, onResults) {
  const sendAll = async () => {
    let size = BATCH_SIZE;
    for (;;) {
      const batch = nextBatch(await all(), user).slice(0, size);
      if (!batch.length) return { state: "sent" };
      const wait = batch[0].notBefore - Date.now();
      if (wait > 0 && wait <= MAX_WAIT_MS) return { state: "throttled", seconds: wait / 1000 };
      const answer = await post(batch);
      if (answer?.status === 429) return postpone(batch[0], answer.retryAfter || DEFAULT_WAIT_SECONDS);
      if (!answer || answer.status >= 500) return { state: "away", seconds: answer?.retryAfter };
      if (answer.status === 401) return { state: "signed out" };
      if (!answer.body || answer.body.error?.message?.startsWith("CSRF")) return { state: "away" };
      if (answer.status === 200) await settle(batch, answer.body.results, onResults);
      else if (batch.length > 1 && ![403, 404].includes(answer.status))
        size = 1; // find the one that is unreadable
      else {
        const results = batch.map(({ op_id }) => refusal(op_id, answer.body));
        await settle(batch, results, onResults);
      }
    }
  };
  return self.navigator.locks ? navigator.locks.request("queue", sendAll) : sendAll();
}

// All tabs and the service worker wait until the server accepts this intent. Later ones wait behind it.
async function postpone({ op_id }, seconds) {
  await update(new Map([[op_id, { notBefore: Date.now() + seconds * 1000 }]]));
  return { state: "throttled", seconds };
}

// The first of this user's that wait and belong to one home.
function nextBatch(intents, user) {
  const waiting = intents.filter((intent) => intent.user === user && isWaiting(intent));
  const end = waiting.findIndex((intent) => intent.home !== waiting[0].home);
  return end < 0 ? waiting : waiting.slice(0, end);
}

async function post(batch) {
  const [{ home, user }] = batch;
  const intents = batch.map(({ op_id, kind, meant_at, seen, data }) => ({ op_id, kind, meant_at, seen, data }));
  try {
    const response = await fetch(`/api/homes/${home}/intents`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": await csrfToken() },
      body: JSON.stringify({ now: new Date().toISOString(), by: user, intents }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    return { status: response.status, retryAfter, body: await response.json().catch(() => null) };
  } catch {
    return null;
  }
}

export async function csrfToken() {
  const names = ["__Host-csrftoken", "csrftoken"]; // over HTTPS, and without
  if (!self.document) return (await Promise.all(names.map((name) => cookieStore.get(name)))).find(Boolean)?.value ?? "";
  return document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]*)/)?.[1] ?? "";
}

const refusal = (op_id, body) => ({ op_id, outcome: "refused", message: body.error?.message ?? "", seq: 0 });

async function settle(batch, results, onResults) {
  const updates = new Map();
  for (const { op_id, outcome, message } of results) {
    updates.set(op_id, outcome === "done" ? null : { outcome, message });
  }
  if (!batch.some(({ op_id }) => updates.has(op_id))) throw new Error("the results are of other intents");
  await update(updates);
  channel.postMessage?.({ results });
  onResults(results);
}
