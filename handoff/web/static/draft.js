// What is typed in a case is kept at the service too, a second after the last key, so that whoever takes the case over
// finds it. What somebody else has left can be taken into the box.

import { call } from "./staff.js";

const REST = 1_000; // milliseconds without a key
const kept = new Map(); // case → what the service has

let timer = 0;
let typed; // [case, box] that has changed since it was kept
let saving = Promise.resolve();

/** Keep the draft of the case in `panel`; an empty box is filled with what this nurse left on another machine. */
export function wireDraft(panel) {
  save(); // of the case that was open until now
  const box = panel.querySelector("#reply textarea");
  if (!box) return;
  const id = panel.querySelector("#case").dataset.case;
  for (const kind of ["input", "keyup", "submit"]) box.form.addEventListener(kind, () => later(id, box));
  panel.querySelector("#case-live").addEventListener("click", ({ target }) => {
    const { useDraft, dropDraft } = target.dataset;
    if (useDraft) fill(box, [box.value, target.closest(".draft").querySelector("[data-draft-text]").textContent]);
    if (useDraft || dropDraft) call("POST", `/api/cases/${id}/draft/drop`, { email: useDraft ?? dropDraft }).catch(() => {});
  });
  if (box.value || !mine(panel)) return;
  call("GET", `/api/cases/${id}/draft`)
    .then(({ text }) => text && box.isConnected && !box.value && fill(box, [text], false))
    .catch(() => {});
}

const mine = (panel) => panel.querySelector("#case-state").dataset.mine === "yes";

function fill(box, parts, focus = true) {
  box.value = parts.filter(Boolean).join("\n");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  if (focus) box.focus();
}

function later(id, box) {
  clearTimeout(timer);
  typed = [id, box];
  timer = setTimeout(save, REST);
}

document.addEventListener("visibilitychange", () => document.hidden && save());

/** One after the other, so that an older text never arrives last. A draft that cannot be kept is still in this tab. */
function save() {
  if (!typed) return;
  const [id, box] = typed;
  const text = box.value;
  typed = undefined;
  if (kept.get(id) === text) return;
  kept.set(id, text);
  saving = saving.then(() => call("POST", `/api/cases/${id}/draft`, { text })).catch(() => kept.delete(id));
}
