// Tells the others who looks at a case, for as long as it is on the screen, and who writes in it.

import { call } from "./staff.js";

const SAY_EVERY = 9_000;
const TYPING_EVERY = 3_000;

let looking = "";
let saidAt = 0;
let typedAt = 0;

/** This page shows the case `id` now ("" for none). */
export function lookAt(id) {
  if (looking && looking !== id) call("DELETE", `/api/cases/${looking}/presence`).catch(() => {});
  if (looking !== id) saidAt = typedAt = 0;
  looking = id;
  stillLooking();
}

/** Say it again, on each beat of the stream. A hint: when it is lost, nothing is. */
export function stillLooking() {
  if (!looking || document.visibilityState !== "visible" || Date.now() - saidAt < SAY_EVERY) return;
  saidAt = Date.now();
  call("POST", `/api/cases/${looking}/presence`, { typing: false }).catch(() => {});
}

/** The nurse is writing in the case on the screen. */
export function typesHere() {
  if (!looking || Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  call("POST", `/api/cases/${looking}/presence`, { typing: true }).catch(() => {});
}
