// The page of saved replies: each form saves or removes one; then the page shows how it stands now.

import { call } from "./staff.js";

for (const form of document.querySelectorAll("form[data-reply]")) {
  const { reply, version } = form.dataset;
  const path = reply ? `/api/replies/${reply}` : "/api/replies";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(form, path, { ...Object.fromEntries(new FormData(form)), version: Number(version ?? 0) });
  });
  form.querySelector("[data-remove]")?.addEventListener("click", () => save(form, `${path}/remove`, { version: Number(version) }));
}

async function save(form, path, body) {
  const said = form.querySelector("[data-said]");
  said.textContent = "";
  try {
    await call("POST", path, body);
    location.reload();
  } catch (problem) {
    said.textContent = problem.message;
  }
}
