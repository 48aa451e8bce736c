// The reply box of one case. What is typed is kept as a draft in this tab; what is sent waits in an outbox, under
// one id each, until the service says that it has it: so a bad line loses nothing and doubles nothing.

import { call, me, newId } from "./staff.js";
import { plainer, smsSize } from "./sms_size.js";

const LONGEST_PAUSE = 15_000;
const MANY_SEGMENTS = 3;
const TYPING_EVERY = 3_000;

export class Reply {
  #case;
  #form;
  #text;
  #list;
  #say;
  #sending = false;
  #gone = false;
  #pause = 500;
  #typedAt = 0;

  /** `panel` holds the case; `say(sentence)` shows an error in place. */
  constructor(panel, say) {
    this.#case = panel.querySelector("#case").dataset;
    this.#form = panel.querySelector("#reply");
    this.#list = panel.querySelector("#outbox");
    this.#say = say;
    if (!this.#form) return;
    this.#text = this.#form.elements.text;
    this.#text.value = read(this.#key("draft")) ?? "";
    this.#text.addEventListener("input", () => {
      this.#changed();
      this.#sayTyping();
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#submit(event);
    });
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#changed();
    this.#show();
    this.#flush();
  }

  /** The panel shows another case now. */
  close() {
    this.#gone = true;
  }

  /** Send an approved answer, in the words that were approved. */
  sendAnswer(id, title) {
    this.#put({ answer_id: id, text: "", shown: `Approved answer: ${title}` });
  }

  /** The transcript has changed: what has arrived there is no longer shown as on its way. */
  refresh() {
    if (this.#form) this.#show();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#text.value.trim();
    this.#say("");
    if (!text) {
      this.#say("Write something first.");
      this.#text.focus();
      return;
    }
    this.#put({ text, shown: text });
    this.#text.value = "";
    this.#changed();
  }

  #put(entry) {
    this.#keep([...this.#outbox(), { ...entry, id: newId(), after: lastSeq() }]);
    this.#show();
    this.#flush();
  }

  async #flush() {
    if (this.#sending) return;
    this.#sending = true;
    while (!this.#gone && this.#outbox().length) {
      const [first] = this.#outbox();
      const { id, text, answer_id } = first;
      try {
        await call("POST", `/api/cases/${this.#case.case}/messages`, { client_message_id: id, text, answer_id });
        this.#take(id);
        this.#pause = 500;
        this.#say("");
      } catch (problem) {
        if (problem.status === 401) break;
        if (problem.passing) await this.#wait();
        else this.#giveBack(first, problem);
      }
      this.#show();
    }
    this.#sending = false;
  }

  async #wait() {
    this.#say("The connection is bad. Your message is kept and sent as soon as possible.");
    await new Promise((resolve) => setTimeout(resolve, this.#pause));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  /** It cannot be sent: say why, and put the words back into the box. */
  #giveBack({ id, text }, problem) {
    this.#take(id);
    if (text) {
      this.#text.value = [text, this.#text.value].filter(Boolean).join("\n");
      this.#changed();
    }
    this.#say(`Not sent. ${problem.message}`);
  }

  #show() {
    const rows = this.#outbox().filter((entry) => !arrived(entry));
    this.#list.replaceChildren(
      ...rows.map((entry) => {
        const row = document.createElement("li");
        row.className = "msg nurse pending";
        const text = document.createElement("p");
        text.className = "msg-text";
        text.textContent = entry.shown;
        const state = document.createElement("p");
        state.className = "delivery";
        state.textContent = "Being sent…";
        row.append(text, state);
        return row;
      }),
    );
  }

  #changed() {
    write(this.#key("draft"), this.#text.value);
    if (this.#case.channel === "sms") this.#showSize();
  }

  /** The patient's page shows that somebody is writing. A hint: when it is lost, nothing is. */
  #sayTyping() {
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
    place.append(`The sign${surprises.length > 1 ? "s" : ""} ${surprises.slice(0, 5).join(" ")} halve${surprises.length > 1 ? "" : "s"} what fits into one text. `);
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

  #key(what) {
    return `bedside-${what}:${me}:${this.#case.case}`;
  }

  #outbox() {
    return JSON.parse(read(this.#key("outbox")) ?? "[]");
  }

  #keep(entries) {
    write(this.#key("outbox"), entries.length ? JSON.stringify(entries) : "");
  }

  #take(id) {
    this.#keep(this.#outbox().filter((entry) => entry.id !== id));
  }
}

const lastSeq = () => Number(document.getElementById("case-state")?.dataset.last ?? 0);

/** Whether the transcript already has this message, although the service's answer is still on its way. */
function arrived({ text, after }) {
  return [...document.querySelectorAll("#messages > .nurse")].some(
    (row) => Number(row.id.slice(2)) > after && row.querySelector(".msg-text").textContent === text,
  );
}

const memory = new Map(); // for browsers that keep nothing

function read(key) {
  try {
    return sessionStorage.getItem(key) ?? memory.get(key) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(key, value) {
  memory.set(key, value);
  try {
    if (value) sessionStorage.setItem(key, value);
    else sessionStorage.removeItem(key);
  } catch {
    // the memory has it
  }
  if (!value) memory.delete(key);
}
