// The dialog that closes a case: for routine one choice closes it, for all else the whole record is asked for.

const DANGERS = ["crisis", "emergency"];
const SPOKEN_WITH = ["agreed", "declined"];

/** Show in the dialog of the case in `panel` what its acuity asks for, each time it opens. */
export function wireClosing(panel) {
  const dialog = panel.querySelector("dialog#close");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  dialog.addEventListener("opening", () => ask(form, acuity() !== "routine"));
  form.querySelector("[data-write-all]").addEventListener("click", () => {
    ask(form, true);
    form.elements.disposition[0].focus();
  });
  form.addEventListener("change", () => follow(form));
}

const acuity = () => document.getElementById("case-state").dataset.acuity;

function ask(form, all) {
  show(form, "[data-full]", all);
  show(form, "[data-brief]", !all);
  form.querySelector("[data-sign]").hidden = !all;
  form.querySelector("[data-write-all]").hidden = all;
  follow(form);
}

/** What was advised, and the plan, are asked of those who spoke with the patient. */
function follow(form) {
  const all = !form.querySelector("[data-sign]").hidden;
  const given = new FormData(form);
  show(form, "[data-spoken]", all && SPOKEN_WITH.includes(given.get("outcome")));
  const needed = DANGERS.includes(acuity()) || given.get("worse_if") === "no";
  form.elements.note.required = needed;
  form.querySelector("[data-note]").textContent = needed ? "(needed)" : "(if you like)";
}

function show(form, parts, shown) {
  form.querySelectorAll(parts).forEach((part) => {
    part.hidden = !shown;
    part.disabled = !shown;
  });
}
