import { Pause, backoff } from "./pause.js";
import { Refused } from "./server.js";

const TRY_AGAIN = [401, 408, 429];

/**
 * What the patient has written and the service has not yet acknowledged: {id, text, after, stuck, why}.
 * Kept on the device, sent in order, again and again, also after a reload; the service knows repeats by `id`.
 */
export class Outbox {
  #memory;
  #server;
  #tell;
  #pause = new Pause();
  #running = false;

  /** `tell` has changed(), sent(item, seq), gone() for a chat that has ended, and refused(item, sentence). */
  constructor(memory, server, tell) {
    this.#memory = memory;
    this.#server = server;
    this.#tell = tell;
  }

  get waiting() {
    return this.#memory.get("outbox", []);
  }

  /** `after` is the highest number on the screen when it was written. */
  add(text, after) {
    this.#save([...this.waiting, { id: newId(), text, after }]);
    this.run();
  }

  /** The line may be back: try now. */
  hurry() {
    this.#pause.end();
    this.run();
  }

  async run() {
    if (this.#running) return;
    this.#running = true;
    for (let failures = 0, item; (item = this.waiting[0]); ) {
      try {
        const seq = await this.#server.send(item);
        failures = 0;
        this.#remove(item, seq);
        this.#tell.sent(item, seq);
      } catch (error) {
        if (isFinal(error)) {
          this.#remove(item);
          this.#tell.refused(item, error.message);
          continue;
        }
        if (error.status === 401) {
          this.#server.forget();
          this.#tell.gone();
        }
        failures += 1;
        this.#allStuck(error.status === 429 ? error.message : "");
        await this.#pause.wait(backoff(failures));
      }
    }
    this.#running = false;
  }

  #remove(item, seq = 0) {
    const rest = this.waiting.filter(({ id }) => id !== item.id);
    this.#save(rest.map((other) => ({ ...other, after: Math.max(other.after, seq) })));
  }

  #allStuck(why) {
    this.#save(this.waiting.map((item) => ({ ...item, stuck: true, why })));
  }

  #save(items) {
    this.#memory.set("outbox", items);
    this.#tell.changed();
  }
}

const isFinal = (error) =>
  error instanceof Refused && error.status >= 400 && error.status < 500 && !TRY_AGAIN.includes(error.status);

/** Unique enough to tell one patient's messages apart; `randomUUID` is missing where a page is not secure. */
const newId = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
