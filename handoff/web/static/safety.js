// One safety text: the proposal with its findings as one types, and what a second clinician decides.

import { call } from "./staff.js";

const CHECK_AFTER = 400; // milliseconds without typing
const byId = (id) => document.getElementById(id);
const cell = location.pathname.split("/").pop();

function say(sentence) {
  const said = byId("said");
  said.textContent = sentence;
  said.classList.add("error");
  said.focus();
}

/** Act, then show the page as it is now; what was typed stays when it did not work. */
async function act(button, verb, body, done = () => {}) {
  button.disabled = true;
  try {
    await call("POST", `/api/safety/${cell}/${verb}`, body);
    done();
    if (location.search || location.hash) location.assign(location.pathname);
    else location.reload();
  } catch (problem) {
    say(problem.message);
    button.disabled = false;
    return problem;
  }
}

// What waits

document.querySelector("button[data-safety]")?.addEventListener("click", ({ currentTarget: button }) => {
  act(button, "approve", { number: Number(button.dataset.number) });
});

document.querySelector("form[data-safety]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  act(event.submitter, "decline", { number: Number(form.dataset.number), reason: form.elements.reason.value });
});

// A proposal

const form = byId("change");
if (form) wire(form.elements.text, form.elements.reason);

function wire(text, reason) {
  let timer;
  let asked = 0;
  let sent = false;
  const changed = () => text.value.trim() !== form.dataset.shown.trim() || reason.value.trim() !== "";

  form.addEventListener("input", () => {
    byId("unsaved").textContent = changed() ? "There are changes that you have not proposed yet." : "";
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && changed()) event.preventDefault();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { text: text.value, reason: reason.value, based_on: form.dataset.version };
    const problem = await act(event.submitter, "propose", body, () => (sent = true));
    for (const field of [text, reason]) field.setAttribute("aria-invalid", String(problem?.more.field === field.name));
  });
  if (text.value !== text.defaultValue || reason.value) form.dispatchEvent(new Event("input"));

  async function check() {
    const number = ++asked;
    try {
      const looks = await call("POST", `/api/safety/${cell}/check`, { text: text.value });
      if (number === asked) show(looks, text);
    } catch (problem) {
      if (number === asked && !problem.passing) say(problem.message);
    }
  }
}

function show(looks, text) {
  byId("findings-text").replaceChildren(...looks.findings.map(finding));
  text.setAttribute("aria-invalid", String(looks.findings.some((one) => one.stops)));
  // Made by the service from our Markdown subset, in which every tag and link of the text is only text.
  if (looks.html !== null) byId("preview").innerHTML = looks.html;
  else byId("preview").textContent = looks.text;
  const { segments, encoding } = looks.size ?? {};
  byId("preview-size").textContent = looks.size ? `${segments} SMS segment${segments === 1 ? "" : "s"}, ${encoding}` : "";
}

function finding(one) {
  const row = document.createElement("li");
  row.className = one.stops ? "stops" : "advice";
  const kind = document.createElement("strong");
  kind.textContent = one.stops ? "Must change:" : "Advice:";
  row.append(kind, ` ${one.problem} ${one.mend}`);
  return row;
}
