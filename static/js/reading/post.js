// One batch of steps to the server, and the lock that lets one tab of this browser send at a time.
import { csrfHeaders } from "../csrf.js";

const PATIENCE_MS = 30_000;

export function postTo(address, person) {
  return async (steps) => {
    const headers = { ...csrfHeaders(), "Content-Type": "application/json", Accept: "application/json", "X-Person": person };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const reply = await fetch(address, { method: "POST", headers, signal, body: JSON.stringify({ steps }) });
    if (reply.redirected) return { status: 401 };
    const isJson = reply.headers.get("Content-Type")?.includes("json");
    if (!isJson) return { status: reply.ok ? 0 : reply.status };
    return { status: reply.status, body: await reply.json() };
  };
}

// Without locks (plain http on another machine) two tabs may send the same step: its id makes that harmless.
export const lockOf = (key) => (work) => (navigator.locks ? navigator.locks.request(key, work) : work());
