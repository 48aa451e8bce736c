// A case that is offered to this nurse: said once to those who hear the page, counted down, accepted or declined.

import { chime } from "./alarm.js";
import { call } from "./staff.js";

let announced = "";
let counting = 0;

const shown = () => document.querySelector("[data-offer]");

/** Wire the two buttons. `say` shows a sentence beside the queue; `open(caseId)` shows the case that was accepted. */
export function wireOffers(say, open) {
  document.getElementById("offer").addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-answer]");
    if (!button) return;
    const { offer } = button.closest("[data-offer]").dataset;
    say("");
    button.disabled = true;
    try {
      const taken = await call("POST", `/api/offers/${offer}/${button.dataset.answer}`);
      shown()?.remove();
      if (button.dataset.answer === "accept") await open(String(taken.id));
      else document.getElementById("next")?.focus();
    } catch (problem) {
      say(problem.message);
      button.disabled = false;
    }
  });
  sayOffer();
}

/** Called when the offer has changed: a new one is read out and counted down. */
export function sayOffer() {
  const offer = shown();
  const said = document.getElementById("offered");
  if (!offer) {
    said.textContent = "";
    return;
  }
  counting ||= setInterval(count, 1000);
  count();
  if (announced === offer.dataset.offer) return;
  announced = offer.dataset.offer;
  const word = offer.querySelector(".badge").textContent.trim();
  const sentence = `A patient is offered to you: ${word}, Case ${offer.dataset.caseId}. Accept or decline.`;
  said.textContent = sentence;
  chime(`A patient is offered to you: ${word}`, offer.dataset.caseId, "offer");
}

function count() {
  const offer = shown();
  if (!offer) {
    clearInterval(counting);
    counting = 0;
    return;
  }
  const left = Math.max(0, Math.round((Date.parse(offer.dataset.until) - Date.now()) / 1000));
  offer.querySelector("[data-left]").textContent = left === 1 ? "in 1 second" : `in ${left} seconds`;
}
