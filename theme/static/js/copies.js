// A copy of the site on the web: never more than `limit` bytes of a file, never for ever, never from another host.
const LARGEST = { "keys.json": 64_000, "release.json": 64_000_000 }; // bytes
const LARGEST_SIGNATURE = 16_000;

class Fault extends Error {
  constructor(kind, values = {}) {
    super(kind);
    this.values = values;
  }
}

// Gives up a host that sends fewer bytes than a slow telephone network would.
function watched(stop) {
  const [late, began] = [new AbortController(), performance.now()];
  const watch = { signal: AbortSignal.any([stop, late.signal]), received: 0, timer: 0 };
  const look = () => {
    const left = 30_000 + watch.received / 5 - (performance.now() - began); // milliseconds; 5 bytes in each
    if (left > 0) watch.timer = setTimeout(look, left);
    else late.abort();
  };
  look();
  return watch;
}

async function fetched(base, name, limit, stop) {
  const watch = watched(stop);
  const address = new URL(name.split("/").map(encodeURIComponent).join("/"), base);
  const options = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: watch.signal };
  try {
    const answer = await fetch(address, options);
    if (new URL(answer.url).origin !== base.origin) throw new Fault("elsewhere");
    const absent = answer.status === 404 || answer.status === 410; // with which the very page may come
    if (!absent && !answer.ok) throw new Fault("lost");
    return { bytes: await read(answer.body, limit, watch), absent };
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("lost");
  } finally {
    clearTimeout(watch.timer);
  }
}

async function read(body, limit, watch) {
  const chunks = [];
  const reader = body ? body.getReader() : null;
  while (reader && watch.received < limit) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value.subarray(0, limit - watch.received));
    watch.received += value.length;
  }
  if (watch.received >= limit) reader.cancel().catch(() => {});
  return joined(...chunks);
}

async function proof(base, name, stop) {
  try {
    const { bytes, absent } = await fetched(base, name, (LARGEST[name] || LARGEST_SIGNATURE) + 1, stop);
    return absent ? null : bytes;
  } catch (fault) {
    throw new Fault(fault.message === "elsewhere" ? "elsewhere" : "unreachable", { name });
  }
}
