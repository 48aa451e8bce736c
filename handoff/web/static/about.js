// What is known about the patient: the form is filled with what stands there now, and sends only what was changed.

import { call } from "./staff.js";

export function wireAbout(panel) {
  const dialog = panel.querySelector("dialog#about");
  if (!dialog) return;
  const id = panel.querySelector("#case").dataset.case;
  const form = dialog.querySelector("form");
  const said = form.querySelector("[data-said]");
  let before = {};

  dialog.addEventListener("opening", async () => {
    form.reset();
    form.inert = true;
    try {
      const { patient } = await call("GET", `/api/cases/${id}`);
      for (const field of fields(form)) field.value = patient[field.name] ?? "";
      before = values(form);
    } catch (problem) {
      said.textContent = problem.message;
    } finally {
      form.inert = false;
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    const changed = Object.entries(values(form)).filter(([name, value]) => value !== before[name]);
    try {
      if (changed.length) await call("POST", `/api/cases/${id}/facts`, Object.fromEntries(changed));
      dialog.close();
    } catch (problem) {
      said.textContent = problem.message;
    }
  });
}

const fields = (form) => [...form.elements].filter(({ name }) => name);

const values = (form) => Object.fromEntries(fields(form).map(({ name, value }) => [name, value.trim()]));
