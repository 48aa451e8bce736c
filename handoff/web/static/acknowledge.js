// Says to the service that a page was heard: only that makes it count.

import { call } from "./staff.js";

/** Wire every Acknowledge button of the page, now and later; `say` shows a sentence. */
export function wireAcknowledging(say) {
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-acknowledge]");
    if (!button) return;
    button.disabled = true;
    say("");
    try {
      await call("POST", `/api/pages/${button.dataset.acknowledge}/acknowledge`);
    } catch (problem) {
      say(problem.message);
      button.disabled = false;
    }
  });
}
