// A copy of the site on the web: never more than `limit` bytes of a file, never for ever, never from another host.
const LARGEST = { "keys.json": 64_000, "release.json": 64_000_000 }; // bytes
const LARGEST_SIGNATURE = 16_000;

class Fault extends Error {
  constructor(kind, values = {}) {
    super(kind);
    this.values = values;
  }
}

async function fetched(base, name, limit, stop) {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(30_000 + limit / 5)]);
  const address = new URL(name.split("/").map(encodeURIComponent).join("/"), base);
  const options = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal };
  try {
    const answer = await fetch(address, options);
    if (new URL(answer.url).origin !== base.origin) throw new Fault("elsewhere");
    const absent = answer.status === 404 || answer.status === 410; // with which the very page may come
    if (!absent && !answer.ok) throw new Fault("lost");
    return { bytes: await read(answer.body, limit), absent };
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("lost");
  }
}

async function read(body, limit) {
  const chunks = [];
  let left = limit;
  const reader = body ? body.getReader() : null;
  while (reader && left > 0) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value.subarray(0, left));
    left -= value.length;
  }
  if (left <= 0) reader.cancel().catch(() => {});
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
