// What can be done with a case beside replying: each button opens a dialog, each dialog is one call. An error is
// said inside the dialog, and nothing that was typed there is lost.

import { call } from "./staff.js";

/** Wire the dialogs of the case in `panel`. `done(act)` is called after each act that worked. */
export function wireActs(panel, done) {
  const id = panel.querySelector("#case").dataset.case;
  panel.querySelectorAll("[data-open]").forEach((button) => {
    button.addEventListener("click", () => open(panel.querySelector(`#${button.dataset.open}`)));
  });
  panel.querySelectorAll("dialog [data-cancel]").forEach((button) => {
    button.addEventListener("click", () => button.closest("dialog").close());
  });
  panel.querySelectorAll("dialog form[data-act]").forEach((form) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const worked = await send(form, `/api/cases/${id}/${form.dataset.act}`);
      if (!worked) return;
      form.closest("dialog").close();
      form.reset();
      done(form.dataset.act);
    });
  });
}

async function open(dialog) {
  dialog.querySelectorAll("[data-said]").forEach((place) => (place.textContent = ""));
  dialog.showModal();
  if (dialog.id === "transfer") await listColleagues(dialog.querySelector("select"));
}

async function send(form, path) {
  const said = form.querySelector("[data-said]");
  const submit = form.querySelector("[type=submit]");
  said.textContent = "";
  submit.disabled = true;
  try {
    await call("POST", path, values(form));
    return true;
  } catch (problem) {
    said.textContent = problem.message;
    return false;
  } finally {
    submit.disabled = false;
  }
}

function values(form) {
  const given = Object.fromEntries(new FormData(form));
  for (const box of form.querySelectorAll("input[type=checkbox]")) given[box.name] = box.checked;
  return given;
}

async function listColleagues(select) {
  const { nurses } = await call("GET", "/api/desk/colleagues").catch(() => ({ nurses: [] }));
  const queue = select.options[0];
  const others = nurses.map(({ name, email, on_duty, load }) => {
    const cases = load === 1 ? "1 case" : `${load} cases`;
    return new Option(`${name} (${on_duty ? "on duty" : "off duty"}, ${cases})`, email);
  });
  select.replaceChildren(queue, ...others);
}
