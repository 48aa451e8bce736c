// Each nurse is one form, each form one call.

import { call } from "./staff.js";

const listed = (value) => value.split(",").map((part) => part.trim()).filter(Boolean);

for (const form of document.querySelectorAll("form[data-nurse]")) {
  const said = form.querySelector("[data-said]");
  const done = form.querySelector("[data-done]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = done.textContent = "";
    const given = new FormData(form);
    try {
      await call("POST", "/api/staff/profile", {
        email: form.dataset.nurse,
        credential: given.get("credential"),
        states: listed(given.get("states").toUpperCase()),
        languages: listed(given.get("languages").toLowerCase()),
        skills: given.getAll("skills"),
        capacity: given.get("capacity") ? Number(given.get("capacity")) : null,
      });
      done.textContent = "Saved.";
    } catch (problem) {
      said.textContent = problem.message;
    }
  });
}
