// Keeps the board current, and acknowledges pages.

import { follow } from "./events.js";
import { call, sayEnded } from "./staff.js";
import { remember, swap } from "./swap.js";
import { keepTimes, show } from "./times.js";

const board = document.getElementById("board");
const connection = document.getElementById("connection");
const said = document.getElementById("board-said");

remember(board);
keepTimes();
follow(["board"], (name, data) => {
  if (name === "board") {
    swap(board, data);
    show(board);
  }
  if (name === "live") connection.hidden = true;
  if (name === "lost") {
    connection.textContent = "Connection lost. Reconnecting… What you see may be old.";
    connection.hidden = false;
  }
  if (name === "signed-out") sayEnded();
});

board.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-acknowledge]");
  if (!button) return;
  button.disabled = true;
  said.textContent = "";
  try {
    await call("POST", `/api/pages/${button.dataset.acknowledge}/acknowledge`);
  } catch (problem) {
    said.textContent = problem.message;
    button.disabled = false;
  }
});
