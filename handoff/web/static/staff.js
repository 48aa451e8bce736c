// What every staff page does: calls with the CSRF token, signing out, and saying that the session has ended.

import { forgetAll } from "./kept.js";
import { ask } from "./line.js";

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

export const me = meta("me");

/** A call that did not work. `status` 0: the line failed, nobody knows whether it arrived. */
export class Problem extends Error {
  constructor(sentence, status, more = {}) {
    super(sentence);
    this.status = status;
    this.more = more;
  }

  /** Whether the same call may work in a moment. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const lost = () => new Problem("The connection was lost. Please try again in a moment.", 0);

/** Call the service; give its JSON (or HTML as text), or throw a Problem whose message is one sentence. */
export async function call(method, path, body) {
  const headers = { "X-CSRF-Token": meta("csrf"), Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await ask(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw lost();
  }
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const data = await (isJson ? response.json() : response.text()).catch(() => undefined);
  if (response.ok && data === undefined) throw lost();
  if (response.ok) return data;
  if (response.status === 401) sayEnded();
  throw new Problem(data?.error ?? "That did not work. Please try again.", response.status, data);
}

/** A random id, also where the page has no secure context. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Show that the session has ended. What was typed stays. */
export function sayEnded() {
  const box = document.getElementById("signed-out");
  if (!box.hidden) return;
  box.querySelector("[data-sign-in]").href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
  box.hidden = false;
}

document.querySelector("[data-sign-out]")?.addEventListener("click", async () => {
  await call("DELETE", "/api/session").catch(() => {});
  forgetAll();
  location.assign("/sign-in");
});
