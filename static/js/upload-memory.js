// What a browser remembers of a file on its way, so that it can go on after a reload: an address
// under a hash. Names of files may name patients, so none is kept.
const PREFIX = "telepath.upload.";
const KEPT_MS = 3 * 24 * 3600 * 1000;
const HASHED_AT_MOST = 256 * 2 ** 20;

// Hex, or "" where the browser cannot (no secure context) or the file does not fit into memory.
export async function sha256Of(file) {
  if (!globalThis.crypto?.subtle || file.size > HASHED_AT_MOST) return "";
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const fingerprint = (caseId, file, digest) => `${caseId}.${digest || `${file.size}.${file.lastModified}`}`;

function read(key) {
  try {
    const entry = JSON.parse(localStorage.getItem(key));
    return entry && Date.now() - Date.parse(entry.creationTime) < KEPT_MS ? { ...entry, urlStorageKey: key } : null;
  } catch {
    return null;
  }
}

// The store that tus-js-client asks for.
export const urlStore = {
  async findAllUploads() {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map(read).filter(Boolean);
  },
  async findUploadsByFingerprint(print) {
    return [read(PREFIX + print)].filter(Boolean);
  },
  async removeUpload(key) {
    localStorage.removeItem(key);
  },
  async addUpload(print, { size, creationTime, uploadUrl }) {
    const key = PREFIX + print;
    localStorage.setItem(key, JSON.stringify({ size, creationTime, uploadUrl, metadata: {} }));
    return key;
  },
};
