import { Pause, backoff } from "./pause.js";

const SILENT_FOR = 40000; // The service gives a sign of life every 15 seconds.
const HELLO_WITHIN = 8000; // A proxy that holds events back never lets the first one through.
const POLL_EVERY = 3000;
const POLL_UNSEEN_EVERY = 30000; // Nobody looks: one line less of the six that a browser allows a site.
const STREAM_AGAIN_AFTER = 120000;
const HURRIED = "look now";

/**
 * Keeps the screen up to date: history first, then events; by asking now and then where events do not come through
 * or nobody is looking. `tell` has news(messages, who is typing), typing(who), live(), lost() and gone().
 */
export class Listener {
  #server;
  #after;
  #isSeen;
  #tell;
  #pause = new Pause();
  #stream = new AbortController();
  #streamAgainAt = 0;
  #running = false;

  /** `after()` is the highest number on the screen; `isSeen()` whether somebody looks at it. */
  constructor(server, after, isSeen, tell) {
    this.#server = server;
    this.#after = after;
    this.#isSeen = isSeen;
    this.#tell = tell;
  }

  /** Something has changed (the page was opened, shown, hidden, is online again): look now. */
  hurry() {
    this.#stream.abort(HURRIED);
    this.#pause.end();
    this.run();
  }

  async run() {
    if (this.#running || !this.#server.started) return;
    this.#running = true;
    for (let failures = 0; this.#server.started; ) {
      try {
        const { messages, typing } = await this.#server.history(this.#after());
        failures = 0;
        this.#tell.live();
        this.#tell.news(messages, typing);
        await (this.#mayStream() ? this.#listen() : this.#pause.wait(this.#isSeen() ? POLL_EVERY : POLL_UNSEEN_EVERY));
      } catch (error) {
        if (error.status === 401) {
          this.#server.forget();
          this.#tell.gone();
          break;
        }
        failures += 1;
        this.#tell.lost();
        await this.#pause.wait(backoff(failures));
      }
    }
    this.#running = false;
  }

  #mayStream() {
    return this.#isSeen() && Date.now() >= this.#streamAgainAt;
  }

  /** Until the stream ends, falls silent or is cut short; the caller then looks at the history again. */
  async #listen() {
    const stream = (this.#stream = new AbortController());
    let greeted = false;
    let watchdog = setTimeout(() => stream.abort(), HELLO_WITHIN);
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => stream.abort(), SILENT_FOR);
    };
    try {
      for await (const { event, data } of this.#server.events(this.#after(), stream.signal, alive)) {
        greeted = true;
        if (event === "message") this.#tell.news([data]);
        if (event === "typing") this.#tell.typing(data.who);
      }
    } catch (error) {
      if (error.status) throw error;
    } finally {
      clearTimeout(watchdog);
    }
    if (stream.signal.reason === HURRIED) return;
    if (!greeted) this.#streamAgainAt = Date.now() + STREAM_AGAIN_AFTER;
    await this.#pause.wait(backoff(1));
  }
}
