// The reply box of one case. What is typed is kept as a draft in this tab; what is sent goes through the outbox.

import { read, write } from "./kept.js";
import { outboxOf } from "./outbox.js";
import { typesHere } from "./presence.js";
import { SavedReplies } from "./saved.js";
import { plainer, smsSize } from "./sms_size.js";
import { call, me } from "./staff.js";

const MANY_SEGMENTS = 3;
const TYPING_EVERY = 3_000;

const draftKey = (caseId) => `bedside-draft:${me}:${caseId}`;

/** Who hears of an outbox whose case is not open: words that were refused become its draft again. */
export const whileElsewhere = (say) => (caseId) => ({
  changed() {},
  trouble: (sentence) => say(caseId, sentence),
  refused({ text }, sentence) {
    write(draftKey(caseId), [text, read(draftKey(caseId))].filter(Boolean).join("\n"));
    say(caseId, sentence);
  },
});

export class Reply {
  #case;
  #form;
  #text;
  #list;
  #outbox;
  #elsewhere;
  #typedAt = 0;
  #inserted = null; // an approved answer that waits above the box

  /** `panel` holds the case; `say` shows a sentence in it, `sayElsewhere` once another case is open. */
  constructor(panel, say, sayElsewhere) {
    this.#case = panel.querySelector("#case").dataset;
    this.#form = panel.querySelector("#reply");
    this.#list = panel.querySelector("#outbox");
    if (!this.#form) return;
    this.#text = this.#form.elements.text;
    this.#elsewhere = whileElsewhere(sayElsewhere)(this.#case.case);
    this.#outbox = outboxOf(this.#case.case);
    this.#outbox.tell = { changed: () => this.refresh(), trouble: say, refused: (...all) => this.#giveBack(say, ...all) };
    this.#text.value = read(draftKey(this.#case.case));
    this.#text.addEventListener("input", () => {
      this.#changed();
      this.#sayTyping();
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#submit(event, say);
    });
    this.#form.addEventListener("submit", (event) => this.#submit(event, say));
    this.#form.querySelector("[data-take-out]").addEventListener("click", () => this.#takeOut());
    new SavedReplies(this.#form, this.#text, this.#case.case, () => this.#changed());
    this.#changed();
    this.refresh();
    this.#outbox.flush();
  }

  /** The panel shows another case from now on; what is in the outbox still leaves. */
  close() {
    if (this.#outbox) this.#outbox.tell = this.#elsewhere;
  }

  /** Send an approved answer, in the words that were approved. */
  sendAnswer(id, title) {
    this.#outbox.put({ answer_id: id, text: "", shown: `Approved answer: ${title}`, after: lastSeq() });
  }

  /** Put an approved answer above the box: it goes out with the next Send, in the words that were approved. */
  insert({ insert: id, title, text }) {
    this.#inserted = { id, title };
    const place = this.#form.querySelector("#inserted");
    place.querySelector("[data-title]").textContent = title;
    place.querySelector("[data-text]").textContent = text;
    place.hidden = false;
    this.#text.focus();
  }

  #takeOut() {
    this.#inserted = null;
    this.#form.querySelector("#inserted").hidden = true;
    this.#text.focus();
  }

  /** Show what is on its way, but not what has arrived in the transcript already. */
  refresh() {
    if (!this.#form) return;
    const rows = this.#outbox.entries.filter((entry) => !arrived(entry)).map(pending);
    this.#list.replaceChildren(...rows);
  }

  #submit(event, say) {
    event.preventDefault();
    const text = this.#text.value.trim();
    say(text || this.#inserted ? "" : "Write something first.");
    if (this.#inserted) {
      this.sendAnswer(this.#inserted.id, this.#inserted.title);
      this.#takeOut();
    }
    if (text) {
      this.#outbox.put({ text, shown: text, after: lastSeq() });
      this.#text.value = "";
      this.#changed();
    }
    this.#text.focus();
  }

  /** It cannot be sent: say why, and put the words back into the box. */
  #giveBack(say, { text }, sentence) {
    this.#text.value = [text, this.#text.value].filter(Boolean).join("\n");
    this.#changed();
    say(sentence);
  }

  #changed() {
    write(draftKey(this.#case.case), this.#text.value);
    if (this.#case.channel === "sms") this.#showSize();
  }

  /** The patient's page shows that somebody is writing. A hint: when it is lost, nothing is. */
  #sayTyping() {
    typesHere();
    if (this.#case.channel !== "web" || Date.now() - this.#typedAt < TYPING_EVERY) return;
    this.#typedAt = Date.now();
    call("POST", `/api/cases/${this.#case.case}/typing`).catch(() => {});
  }

  #showSize() {
    const { segments, left, surprises } = smsSize(this.#text.value.trim());
    const place = this.#form.querySelector("#reply-size");
    const parts = [segments === 1 ? `1 text, ${left} characters left` : `${segments} texts, ${left} characters left`];
    if (segments > MANY_SEGMENTS) parts.push("this is long for a phone");
    place.textContent = segments ? `${parts.join("; ")}. ` : "";
    place.classList.toggle("error", segments > MANY_SEGMENTS);
    if (surprises.length) this.#warnOfSigns(place, surprises);
  }

  #warnOfSigns(place, surprises) {
    const [signs, halve] = surprises.length > 1 ? ["signs", "halve"] : ["sign", "halves"];
    place.append(`The ${signs} ${surprises.slice(0, 5).join(" ")} ${halve} what fits into one text. `);
    if (plainer(this.#text.value) === this.#text.value) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain small";
    button.textContent = "Use plain signs";
    button.addEventListener("click", () => {
      this.#text.value = plainer(this.#text.value);
      this.#changed();
      this.#text.focus();
    });
    place.append(button);
  }
}

const lastSeq = () => Number(document.getElementById("case-state")?.dataset.last ?? 0);

/** Whether the transcript already has this message, although the service's answer is still on its way. */
function arrived({ text, after }) {
  return [...document.querySelectorAll("#messages > .nurse")].some(
    (row) => Number(row.id.slice(2)) > after && row.querySelector(".msg-text").textContent === text,
  );
}

function pending({ shown }) {
  const row = document.createElement("li");
  row.className = "msg nurse pending";
  const text = document.createElement("p");
  text.className = "msg-text";
  text.textContent = shown;
  const state = document.createElement("p");
  state.className = "delivery";
  state.textContent = "Being sent…";
  row.append(text, state);
  return row;
}
