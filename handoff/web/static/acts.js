// What can be done with a case beside replying: each button opens a dialog, each dialog is one call. An error is
// said inside the dialog, and nothing that was typed there is lost.

import { call } from "./staff.js";

/** Wire the dialogs of the case in `panel`. `done(act)` is called after each act that worked. */
export function wireActs(panel, done) {
  const id = panel.querySelector("#case").dataset.case;
  panel.querySelectorAll("dialog [data-cancel]").forEach((button) => {
    button.addEventListener("click", () => button.closest("dialog").close());
  });
  panel.querySelectorAll("dialog form[data-act]").forEach((form) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const worked = await send(form, `/api/cases/${id}/${form.dataset.act}`, event.submitter);
      if (!worked) return;
      form.closest("dialog").close();
      form.reset();
      done(form.dataset.act);
    });
  });
}

/** Open a dialog of the case. It acts on what the page shows now: what changes meanwhile makes the service refuse. */
export async function openDialog(dialog) {
  dialog.querySelectorAll("[data-said]").forEach((place) => (place.textContent = ""));
  const { epoch, last } = document.getElementById("case-state").dataset;
  dialog.seen = { epoch: Number(epoch), seen: Number(last) };
  dialog.dispatchEvent(new Event("opening"));
  dialog.showModal();
  if (dialog.id === "transfer") await listColleagues(dialog.querySelector("select"));
}

async function send(form, path, submit) {
  const said = form.querySelector("[data-said]");
  const given = values(form, submit);
  said.textContent = "";
  if (submit) submit.disabled = true;
  try {
    await call("POST", path, given);
    return true;
  } catch (problem) {
    said.textContent = problem.message;
    return false;
  } finally {
    if (submit) submit.disabled = false;
  }
}

function values(form, submit) {
  const given = Object.fromEntries(new FormData(form, submit));
  if ("moves" in form.dataset) Object.assign(given, form.closest("dialog").seen);
  for (const box of form.querySelectorAll("input[type=checkbox]")) given[box.name] = box.checked;
  return given;
}

async function listColleagues(select) {
  const { nurses, skills } = await call("GET", "/api/desk/colleagues").catch(() => ({ nurses: [], skills: {} }));
  const queue = select.options[0];
  const others = nurses.map(({ name, email, on_duty, load }) => {
    const cases = load === 1 ? "1 case" : `${load} cases`;
    return new Option(`${name} (${on_duty ? "on duty" : "off duty"}, ${cases})`, email);
  });
  const skilled = Object.entries(skills).map(([id, title]) => new Option(`Nurses of ${title}`, `skill:${id}`));
  select.replaceChildren(queue, ...skilled, ...others);
}
