// Finding an approved answer and sending it in the approved words, its version recorded with the message.

import { answer } from "./chat/richtext.js";
import { call } from "./staff.js";

/** Wire the dialog of the case in `panel`. `send(id, title)` is called with the answer that was chosen. */
export function wireAnswers(panel, send) {
  const dialog = panel.querySelector("dialog#answers");
  if (!dialog) return;
  const found = dialog.querySelector("#answers-found");
  const drawn = panel.querySelector("#case").dataset.channel === "web" ? asOnTheWeb : asText;
  dialog.querySelector("[data-search]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = dialog.querySelector("[data-said]");
    said.textContent = "";
    found.replaceChildren();
    try {
      const query = encodeURIComponent(event.target.elements.q.value.trim());
      const { hits } = await call("GET", `/api/answers?q=${query}`);
      found.replaceChildren(...(hits.length ? hits.map((hit) => show(hit, drawn(hit))) : [paragraph("No approved answer fits. Try other words.")]));
    } catch (problem) {
      said.textContent = problem.message;
    }
  });
  found.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-answer]");
    if (!button) return;
    dialog.close();
    send(button.dataset.answer, button.dataset.title);
  });
}

/** As the patient would see it, by channel. */
const asOnTheWeb = ({ web }) => answer(web, { heading: "h4", numbers: [] });
const asText = ({ text }) => [paragraph(text)];

function show(hit, nodes) {
  const row = document.createElement("section");
  row.className = "card";
  const title = document.createElement("h3");
  title.textContent = `${hit.topic_title}: ${hit.title}`;
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.answer = hit.answer_id;
  button.dataset.title = hit.title;
  button.textContent = "Send this answer";
  row.append(title, ...nodes, button);
  return row;
}

function paragraph(text) {
  const place = document.createElement("p");
  place.className = "msg-text";
  place.textContent = text;
  return place;
}
