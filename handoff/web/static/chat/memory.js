/** What this device remembers of the chat; where the browser refuses to store, for as long as the page is open. */
export class Memory {
  #name;
  #here = new Map();

  constructor(name) {
    this.#name = name;
  }

  get(key, otherwise = null) {
    if (this.#here.has(key)) return this.#here.get(key);
    try {
      return JSON.parse(localStorage.getItem(`${this.#name}:${key}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  set(key, value) {
    try {
      localStorage.setItem(`${this.#name}:${key}`, JSON.stringify(value));
      this.#here.delete(key);
    } catch {
      this.#here.set(key, value);
    }
  }

  forget(...keys) {
    for (const key of keys) {
      this.#here.delete(key);
      try {
        localStorage.removeItem(`${this.#name}:${key}`);
      } catch {
        // Nothing was stored then.
      }
    }
  }

  /** Call `changed` when another tab has changed something. */
  watch(changed) {
    addEventListener("storage", ({ key }) => (key === null || key.startsWith(`${this.#name}:`)) && changed());
  }
}
