// The patient's number is shown only when a nurse asks for it, since the service writes down who did.

import { call } from "./staff.js";

/** Wire the button in the case's dialog that shows the number as a link to call. */
export function wireCall(panel) {
  const button = panel.querySelector("#show-number");
  button?.addEventListener("click", async () => {
    const said = panel.querySelector("#call [data-said]");
    said.textContent = "";
    button.disabled = true;
    try {
      const { number } = await call("POST", `/api/cases/${panel.querySelector("#case").dataset.case}/number`);
      const link = document.createElement("a");
      link.href = `tel:${number}`;
      link.textContent = number;
      button.parentElement.replaceChildren("Call ", link);
      link.focus();
    } catch (problem) {
      said.textContent = problem.message;
      button.disabled = false;
    }
  });
}
