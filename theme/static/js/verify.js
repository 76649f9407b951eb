// Checks a copy of the site in the reader's browser by the newsroom's root key, and tells apart what
// newsroom/publish/verify.py does. Nothing that is fetched is ever shown as HTML. The modules share their names.
import "./minisign.js";
import "./copies.js";
import "./trust.js";

const tool = document.querySelector("[data-verify]");
const part = (name) => tool.querySelector(`[data-verify-${name}]`);
const AT_ONCE = 6;
const PREVIOUS = "release.previous.json";
const HOSTS_OWN = new Set(["_headers", "_redirects"]); // what hosts read, and do not serve

async function before(base, manifest, stop) {
  const file = manifest.files[PREVIOUS];
  try {
    const { bytes } = await fetched(base, PREVIOUS, file.size + 1, stop);
    return (await sha256(bytes)) === file.sha256 ? parsedManifest(bytes).files : {};
  } catch {
    return {};
  }
}

async function fileFault(base, name, file, old, stop) {
  try {
    const { bytes, absent } = await fetched(base, name, Math.max(file.size, old ? old.size : 0) + 1, stop);
    const found = await sha256(bytes);
    if (found === file.sha256) return "";
    return old && found === old.sha256 ? "mixed" : absent ? "missing" : "tampered";
  } catch (fault) {
    return fault.message;
  }
}

async function checkFiles(base, manifest, stop, progress) {
  const files = Object.entries(manifest.files).filter(([name]) => !HOSTS_OWN.has(name));
  const old = new Map(Object.entries(await before(base, manifest, stop)));
  const found = { tampered: [], mixed: [], missing: [], elsewhere: [], lost: [] };
  let [next, done] = [0, 0];
  const work = async () => {
    while (next < files.length && !stop.aborted) {
      const [name, file] = files[next++];
      const kind = await fileFault(base, name, file, old.get(name), stop);
      if (stop.aborted) return;
      if (kind) found[kind].push(name);
      progress(++done, files.length);
    }
  };
  progress(0, files.length);
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { found, done, total: files.length };
}

// What readers see.
function said(word, values = {}) {
  const line = part("words").content.querySelector(`[data-word="${word}"]`).cloneNode(true);
  for (const node of line.childNodes) {
    if (node.nodeType !== Node.TEXT_NODE) continue;
    node.data = node.data.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }
  return line;
}

function tell(...lines) {
  part("status").replaceChildren(...lines.map((line) => [...line.childNodes, " "]).flat());
}

function showFault(word, values, names = []) {
  const box = document.createElement("div");
  box.className = "verifier-fault";
  box.dataset.fault = word;
  box.append(said(word, values));
  if (names.length) {
    const list = document.createElement("ul");
    list.className = "verifier-files";
    for (const name of names.sort().slice(0, 20)) {
      const item = document.createElement("li");
      item.textContent = name;
      list.append(item);
    }
    box.append(list);
    if (names.length > 20) box.append(said("more", { count: names.length - 20 }));
  }
  part("faults").append(box);
}

async function check(base, stop) {
  const bar = part("progress");
  const progress = (done, total) => {
    Object.assign(bar, { max: total || 1, value: done });
    if (done % 25 === 0) tell(said("checking", { done, total }));
  };
  const root = publicKey(tool.dataset.key);
  const names = ["keys.json", "keys.json.minisig", "release.json", "release.json.minisig"];
  const proofs = {};
  for (const name of names) proofs[name] = await proof(base, name, stop);
  const { manifest, faults } = await judged(proofs, root, tool.dataset.site, Date.now() / 1000);
  for (const fault of faults) showFault(fault.message, fault.values);
  const { found, done, total } = await checkFiles(base, manifest, stop, progress);
  for (const [kind, files] of Object.entries(found)) if (files.length) showFault(kind, {}, files);
  const wrong = faults.length > 0 || Object.values(found).some((files) => files.length);
  if (stop.aborted) return [said("stopped", { done, total }), ...(wrong ? [said("bad")] : [])];
  if (!wrong) return [said("good", { total, version: manifest.version, date: shown(manifest.time) }), said("outside")];
  const now = await proof(base, "release.json", stop).catch(() => null);
  const renewed = now && (await sha256(now)) !== (await sha256(proofs["release.json"]));
  return [said("bad"), ...(renewed ? [said("meanwhile")] : [])];
}

function baseOf(chosen) {
  return new URL(`${chosen || tool.dataset.root}/`, chosen ? undefined : location.href);
}

async function start() {
  const stop = new AbortController();
  const halt = () => stop.abort();
  const [starter, stopper, bar] = [part("start"), part("stop"), part("progress")];
  const busy = (on) => {
    starter.disabled = on;
    stopper.hidden = bar.hidden = !on;
  };
  part("faults").replaceChildren();
  bar.removeAttribute("value");
  tell();
  stopper.addEventListener("click", halt);
  busy(true);
  try {
    tell(...(await check(baseOf(part("address").value), stop.signal)));
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    if (stop.signal.aborted) tell(said("stopped", { done: 0, total: 0 }));
    else {
      showFault(fault.message, fault.values, fault.message === "elsewhere" ? [fault.values.name] : []);
      tell(said("bad"));
    }
  } finally {
    stopper.removeEventListener("click", halt);
    busy(false);
  }
}

async function open() {
  const [own, ...others] = part("address").options;
  if (location.protocol === "file:") {
    own.remove();
    tell(said("disk"));
  } else {
    others.find((each) => baseOf(each.value).href === baseOf("").href)?.remove();
    own.textContent += ` (${location.host})`;
  }
  document.querySelector("[data-verify-hint]").hidden = true;
  tool.hidden = false;
  if (await knowsSignatures()) {
    part("start").addEventListener("click", start);
  } else {
    part("start").disabled = true;
    tell(said("old"));
  }
}

open();
