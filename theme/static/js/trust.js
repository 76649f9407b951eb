// Whether a release may be believed: the steps of newsroom/publish/trust.py, in the same order.
const LEEWAY = 600; // seconds that a clock may be slow

function parsed(bytes, name, isGood) {
  try {
    const value = JSON.parse(text(bytes));
    if (bytes.length <= LARGEST[name] && value.format === 1 && isGood(value)) return value;
  } catch {
    // said below
  }
  throw new Fault("forged", { name });
}

const isDated = (value) => typeof value.site === "string" && [value.version, value.time, value.expires].every(isNumber);
const parsedKeys = (bytes) =>
  parsed(bytes, "keys.json", (value) => isDated(value) && value.keys.length > 0 && value.keys.every(publicKey));
const parsedManifest = (bytes) =>
  parsed(bytes, "release.json", (value) => isDated(value) && Object.entries(value.files).every(isFile));

function isFile([name, file]) {
  const inside = name.split("/").every((each) => !["", ".", ".."].includes(each)) && !/[\0-\x1f\\]/.test(name);
  return inside && isNumber(file.size) && /^[0-9a-f]{64}$/.test(file.sha256);
}

// Throws the fault after which nothing is worth looking at.
async function signed(proofs, name, keys, stranger) {
  const [data, sealed] = [proofs[name], proofs[`${name}.minisig`]];
  if (!data) throw new Fault("unsigned", { name });
  let found = null;
  try {
    found = signature(sealed);
  } catch {
    throw new Fault("unsigned", { name: `${name}.minisig` });
  }
  const key = keys.find((each) => each.number === found.number);
  if (!key) throw new Fault(stranger, { name });
  if (!(await holds(data, found, key))) throw new Fault("forged", { name });
  return key;
}

async function judged(proofs, root, site, now) {
  await signed(proofs, "keys.json", [root], "forged");
  const list = parsedKeys(proofs["keys.json"]);
  const key = await signed(proofs, "release.json", list.keys.map(publicKey), "withdrawn");
  const manifest = parsedManifest(proofs["release.json"]);
  const stranger = [list.site, manifest.site].find((each) => each !== site);
  if (stranger !== undefined) throw new Fault("site", { site: stranger });
  const seen = remembered(root, site);
  const here = { keys: list.version, version: manifest.version, key: key.written };
  here.sha256 = await sha256(proofs["release.json"]);
  const faults = [...older(here, seen, list), ...times(manifest, list, now)];
  if (!faults.some((each) => ["keys", "rollback", "twin", "clock"].includes(each.message))) remember(root, site, here);
  return { manifest, faults };
}

function older(here, seen, list) {
  if (here.keys < seen.keys) return [new Fault("keys")];
  if (!list.keys.includes(seen.key)) return []; // a thief of a withdrawn key may have signed any number
  if (here.version < seen.version) return [new Fault("rollback", { version: here.version, seen: seen.version })];
  if (here.version === seen.version && here.sha256 !== seen.sha256) return [new Fault("twin", { version: here.version })];
  return [];
}

function times(manifest, list, now) {
  const latest = Math.max(manifest.time, list.time);
  if (latest > now + LEEWAY) return [new Fault("clock", { date: shown(latest) })];
  const expires = Math.min(manifest.expires, list.expires);
  return expires <= now ? [new Fault("expired", { date: shown(expires) })] : [];
}

// The same in all languages: browsers do not know the months of every one.
function shown(time) {
  const when = new Date(time * 1000);
  return Number.isNaN(when.valueOf()) ? String(time) : `${when.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const place = (root, site) => `verified ${root.written} ${site}`;

function remembered(root, site) {
  try {
    const { keys = 0, version = 0, sha256 = "", key = "" } = JSON.parse(localStorage.getItem(place(root, site))) || {};
    return { keys, version, sha256, key };
  } catch {
    return { keys: 0, version: 0, sha256: "", key: "" };
  }
}

function remember(root, site, here) {
  try {
    localStorage.setItem(place(root, site), JSON.stringify(here));
  } catch {
    // Not allowed to remember: an older copy will not be told from this one.
  }
}
