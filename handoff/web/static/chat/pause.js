/** A wait that can be cut short. */
export class Pause {
  #end = () => {};

  wait(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#end = () => (clearTimeout(timer), resolve());
    });
  }

  end() {
    this.#end();
  }
}

/** Milliseconds before the next try: doubling from one second to twenty, and never the same for everybody. */
export const backoff = (failures) => Math.min(20, 2 ** (failures - 1)) * (750 + 500 * Math.random());
