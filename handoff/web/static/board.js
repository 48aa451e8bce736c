// Keeps the board current, rings for a page to this supervisor, and acknowledges pages.

import { wireAcknowledging } from "./acknowledge.js";
import { keepWatch, rounds } from "./alarm.js";
import { takeDuties } from "./duties.js";
import { follow } from "./events.js";
import { keepFocus } from "./focus.js";
import { call, sayEnded } from "./staff.js";
import { remember, swap } from "./swap.js";
import { keepTimes, show } from "./times.js";

const board = document.getElementById("board");
const connection = document.getElementById("connection");
const said = document.getElementById("board-said");
const alarms = document.getElementById("alarms");
const BEAT = 9_000;
const NAMES = ["alarms", "board"];

let lastBeat = 0;

/** The service's beat is answered: this supervisor's board is open, and a page to it is seen. */
function beat() {
  if (!("beats" in board.dataset) || Date.now() - lastBeat < BEAT) return;
  lastBeat = Date.now();
  call("POST", "/api/board/heartbeat").catch(() => {}); // the next beat tries again
}

remember(board);
remember(alarms);
keepTimes();
keepFocus();
takeDuties("bedside-board-duties");
wireAcknowledging((sentence) => (said.textContent = sentence));
keepWatch();
rounds(["page"]);
follow(NAMES, (name, data) => {
  if (NAMES.includes(name)) {
    const place = document.getElementById(name);
    swap(place, data);
    show(place);
  }
  if (name === "alarms") rounds(["page"]);
  if (name === "beat") beat();
  if (name === "live") connection.hidden = true;
  if (name === "lost") {
    connection.textContent = "Connection lost. Reconnecting… What you see may be old.";
    connection.hidden = false;
  }
  if (name === "signed-out") sayEnded();
});
