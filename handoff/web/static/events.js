// One event stream for all tabs of a browser, which opens at most six connections to a host. The tab that holds
// the lock reads the stream and tells the others; without locks (a page over plain http) each tab asks now and then.

import { ask } from "./line.js";

const NAME = "bedside-staff";
const POLL = 5_000;
const SILENT = 30_000; // three beats of the service
const FORGET = 60_000;
const LONGEST_PAUSE = 15_000;

const tab = Math.random().toString(36).slice(2);
const listeners = [];
const over = new AbortController(); // the session has ended: this tab takes no further part
let watched = [];

/** Follow these fragments. `hear(name, data)` gets each; also `beat`, `signed-out`, `live` and `lost`. */
export function follow(names, hear) {
  watched = names;
  listeners.push(hear);
  if (navigator.locks && window.BroadcastChannel) shareStream();
  else poll();
  addEventListener("offline", () => hear("lost", ""));
  addEventListener("online", () => (stream ? stream.renew() : pollNow?.()));
}

/** Follow other fragments from now on. */
export function followInstead(names) {
  watched = names;
  tell({ kind: "watch", tab, names });
  stream?.watch(tab, names);
  pollNow?.();
}

function hear(name, data) {
  if (over.signal.aborted) return;
  if (name === "signed-out") over.abort();
  for (const listener of listeners) listener(name, data);
}

// Shared by tabs

let channel;
let stream;

const tell = (message) => channel?.postMessage(message);

function shareStream() {
  channel = new BroadcastChannel(NAME);
  channel.onmessage = ({ data }) => {
    if (data.kind === "event") receive(data.name, data.data);
    if (data.kind === "watch") stream?.watch(data.tab, data.names);
    if (data.kind === "bye") stream?.watch(data.tab, []);
    if (data.kind === "leader") tell({ kind: "watch", tab, names: watched });
  };
  addEventListener("pagehide", () => tell({ kind: "bye", tab }));
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  tell({ kind: "watch", tab, names: watched });
  navigator.locks.request(NAME, { signal: over.signal }, lead).catch(() => {});
}

/** Read the stream for all tabs, until this tab goes or its session ends. */
function lead() {
  stream = new Stream();
  stream.watch(tab, watched);
  tell({ kind: "leader" });
  return new Promise((resolve) => {
    over.signal.addEventListener("abort", () => {
      stream.close();
      stream = undefined;
      resolve();
    });
  });
}

function receive(name, data) {
  if (name === "beat") {
    tell({ kind: "watch", tab, names: watched });
    hear("live", ""); // the tab that reads the stream has a line, whatever this one has heard of its own
  }
  if (!name.includes("-") || watched.includes(name) || name === "signed-out") hear(name, data);
}

function pass(name, data = "") {
  tell({ kind: "event", name, data });
  hear(name, data);
}

class Stream {
  #tabs = new Map(); // tab → { names, at }
  #open = "";
  #source;
  #pause = 500;
  #watchdog;
  #last = new Map(); // name → data, for tabs that come later

  watch(id, names) {
    const known = this.#tabs.get(id);
    this.#tabs.set(id, { names, at: Date.now() });
    if (id === tab || known?.names.join() !== names.join()) this.#connect();
    if (!known && id !== tab) for (const [name, data] of this.#last) if (names.includes(name)) tell({ kind: "event", name, data });
  }

  #names() {
    const fresh = [...this.#tabs].filter(([id, { at }]) => id === tab || Date.now() - at < FORGET);
    this.#tabs = new Map(fresh);
    return [...new Set(fresh.flatMap(([, { names }]) => names))].sort().slice(0, 20);
  }

  #connect() {
    const names = this.#names();
    const address = `/api/desk/events?${names.map((name) => `watch=${name}`).join("&")}`;
    if (!names.length || (address === this.#open && this.#source)) return;
    this.#source?.close();
    this.#open = address;
    const source = (this.#source = new EventSource(address));
    source.onopen = () => {
      this.#pause = 500;
      pass("live");
    };
    source.onerror = () => {
      if (source !== this.#source) return;
      pass("lost");
      if (source.readyState === EventSource.CLOSED) this.#again(); // else the browser tries again by itself
    };
    for (const name of [...names, "beat", "signed-out"]) {
      source.addEventListener(name, ({ data }) => {
        this.#expectMore();
        if (name !== "beat") this.#last.set(name, data);
        pass(name, data);
      });
    }
    this.#expectMore();
  }

  /** Whatever has become of the old line: a new one now. */
  renew() {
    this.close();
    this.#connect();
  }

  close() {
    clearTimeout(this.#watchdog);
    this.#source?.close();
    this.#source = undefined;
  }

  /** A line that says nothing for too long is dead, even if nobody has told the browser. */
  #expectMore() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      pass("lost");
      this.#again();
    }, SILENT);
  }

  async #again() {
    this.close();
    if (await ended()) return pass("signed-out");
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    setTimeout(() => over.signal.aborted || this.#connect(), this.#pause * (0.5 + Math.random() / 2));
  }
}

async function ended() {
  const response = await ask("/api/session").catch(() => null);
  return response?.status === 401;
}

// Alone

let pollNow;

function poll() {
  const last = new Map();
  let timer;
  pollNow = async () => {
    clearTimeout(timer);
    const response = await ask(`/api/desk/now?${watched.map((name) => `watch=${name}`).join("&")}`).catch(() => null);
    if (over.signal.aborted) return;
    if (response?.status === 401) return hear("signed-out", "");
    if (response?.ok) {
      hear("live", "");
      for (const [name, data] of Object.entries(await response.json())) {
        if (last.get(name) !== data) hear(name, data);
        last.set(name, data);
      }
      hear("beat", "");
    } else hear("lost", "");
    timer = setTimeout(pollNow, POLL);
  };
  pollNow();
}
