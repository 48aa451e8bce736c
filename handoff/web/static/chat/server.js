import { eventsIn } from "./sse.js";

const ANSWER_WITHIN = 15000;

/** What the service refused, in its own kind sentence. */
export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/** The chat's calls to the service. The token is sent as a header, never in an address. */
export class Server {
  #base;
  #memory;
  #language;
  #begun;

  /** `language()` is what a new chat begins in; `begun` is called once this browser has started a chat. */
  constructor(base, memory, language, begun) {
    this.#base = base;
    this.#memory = memory;
    this.#language = language;
    this.#begun = begun;
  }

  get started() {
    return this.#memory.get("token") !== null;
  }

  forget() {
    this.#memory.forget("token");
  }

  /** Send one message, starting the chat if need be. Resolves to the number under which it is kept. */
  async send({ id, text }) {
    await this.#start();
    const { seq } = await this.#ask("api/chat/messages", { client_message_id: id, text });
    return seq;
  }

  history(after) {
    return this.#ask(`api/chat/messages?after=${after}`);
  }

  typing() {
    return this.#ask("api/chat/typing", {});
  }

  /** Events as they come, each {event, data}. `signal` ends it. */
  async *events(after, signal, alive) {
    const headers = { ...this.#headers(), Accept: "text/event-stream", "Last-Event-ID": String(after) };
    const response = await fetch(`${this.#base}api/chat/events`, { headers, signal, cache: "no-store" });
    if (!response.ok) throw await refusal(response);
    yield* eventsIn(response.body, alive);
  }

  /** Two tabs that begin at once share one chat. */
  async #start() {
    const begin = async () => {
      if (this.started) return;
      const { token } = await this.#ask("api/chat/sessions", { language: this.#language() });
      this.#memory.set("token", token);
      this.#begun();
    };
    await (navigator.locks ? navigator.locks.request("bedside-chat-start", begin) : begin());
  }

  async #ask(path, body) {
    const headers = { ...this.#headers(), ...(body && { "Content-Type": "application/json" }) };
    const response = await fetch(this.#base + path, {
      method: body ? "POST" : "GET",
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    if (!response.ok) throw await refusal(response);
    return response.status === 204 ? null : response.json();
  }

  #headers() {
    const token = this.#memory.get("token");
    return token === null ? {} : { Authorization: `Bearer ${token}` };
  }
}

async function refusal(response) {
  const said = await response.json().catch(() => ({}));
  return new Refused(response.status, said.error ?? "");
}
