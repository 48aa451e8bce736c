// The queue is the same for everybody; whose patient one is, each desk says for itself.

import { me } from "./staff.js";

/** "Knows Nurse Dana" reads "Knows you" at Dana's own desk. */
export function markKnown(root = document) {
  for (const tag of root.querySelectorAll("[data-known]")) {
    if (tag.dataset.known === me) tag.textContent = "Knows you";
  }
}
