// minisign's format, as far as browsers know its signatures: Ed25519 of the bytes themselves.
const text = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
const isNumber = (value) => Number.isSafeInteger(value) && value >= 0;

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, each) => size + each.length, 0));
  parts.reduce((at, each) => (whole.set(each, at), at + each.length), 0);
  return whole;
}

function decoded(written, length) {
  const raw = atob(written);
  if (raw.length !== length || btoa(raw) !== written) throw new Error("it is not the base64 of as many bytes");
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

function publicKey(written) {
  const bytes = decoded(written, 42);
  if (text(bytes.slice(0, 2)) !== "Ed") throw new Error("it is no key of minisign");
  return { written, number: hex(bytes.slice(2, 10)), bytes: bytes.slice(10) };
}

function signature(bytes) {
  const lines = text(bytes).replace(/\n$/, "").split("\n");
  const comment = /^trusted comment: (.*)$/.exec(lines[2] || "");
  if (lines.length !== 4 || !lines[0].startsWith("untrusted comment: ") || !comment) throw new Error("it is none");
  const first = decoded(lines[1], 74);
  if (text(first.slice(0, 2)) !== "Ed") throw new Error("it is of a kind that browsers do not know");
  const number = hex(first.slice(2, 10));
  return { number, over: first.slice(10), comment: new TextEncoder().encode(comment[1]), whole: decoded(lines[3], 64) };
}

async function holds(data, found, key) {
  const imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
  const verify = (over, signed) => crypto.subtle.verify("Ed25519", imported, over, signed);
  return (await verify(found.over, data)) && (await verify(found.whole, joined(found.over, found.comment)));
}

async function knowsSignatures() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}
