// Saved replies: "/" in the reply box opens the list, what is typed after it narrows it, Enter puts one in.

import { call } from "./staff.js";

const SHOWN = 8;

export class SavedReplies {
  #case;
  #text;
  #list;
  #said;
  #changed;
  #replies;
  #found = [];
  #at = 0;

  /** `changed()` is called when a reply was put into the box `text`. */
  constructor(form, text, caseId, changed) {
    this.#case = caseId;
    this.#text = text;
    this.#list = form.querySelector("#saved");
    this.#said = form.querySelector("#saved-said");
    this.#changed = changed;
    text.addEventListener("input", () => this.#look());
    text.addEventListener("keydown", (event) => this.#key(event));
    text.addEventListener("blur", () => this.#close());
    this.#list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the focus stays in the box
      const row = event.target.closest("[role=option]");
      if (row) this.#put(this.#found[[...this.#list.children].indexOf(row)]);
    });
  }

  /** What stands after the slash before the cursor: null when there is no slash to look at. */
  #sought() {
    const before = this.#text.value.slice(0, this.#text.selectionStart);
    return before.match(/(?:^|\s)\/([^\n/]*)$/)?.[1] ?? null;
  }

  async #look() {
    if (this.#sought() === null) return this.#close();
    try {
      this.#replies ??= (await call("GET", `/api/cases/${this.#case}/replies`)).replies;
    } catch {
      return this.#close(); // the next key tries again
    }
    const sought = this.#sought();
    if (sought === null) return this.#close();
    const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ title, text }) => words.every((word) => `${title} ${text}`.toLowerCase().includes(word));
    this.#found = this.#replies.filter(fits).slice(0, SHOWN);
    this.#at = 0;
    this.#show();
  }

  #show() {
    this.#list.replaceChildren(...this.#found.map((reply, place) => option(reply, place, place === this.#at)));
    this.#list.hidden = !this.#found.length;
    if (this.#found.length) this.#text.setAttribute("aria-activedescendant", `saved-${this.#at}`);
    else this.#text.removeAttribute("aria-activedescendant");
    this.#list.children[this.#at]?.scrollIntoView({ block: "nearest" });
    const number = this.#found.length;
    this.#said.textContent = number === 1 ? "1 saved reply" : `${number || "No"} saved replies`;
  }

  #key(event) {
    if (this.#list.hidden || event.ctrlKey || event.metaKey) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      this.#at = (this.#at + steps[event.key] + this.#found.length) % this.#found.length;
      this.#show();
    } else if (event.key === "Enter" || event.key === "Tab") this.#put(this.#found[this.#at]);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
  }

  /** The reply takes the place of the slash and what stands after it. */
  #put({ text }) {
    const end = this.#text.selectionStart;
    const begin = end - this.#sought().length - 1;
    this.#text.setRangeText(text, begin, end, "end");
    this.#close();
    this.#changed();
  }

  #close() {
    this.#list.hidden = true;
    this.#said.textContent = "";
    this.#text.removeAttribute("aria-activedescendant");
  }
}

function option({ title, text }, place, chosen) {
  const row = document.createElement("li");
  row.id = `saved-${place}`;
  row.role = "option";
  row.ariaSelected = String(chosen);
  const name = document.createElement("strong");
  name.textContent = title;
  const words = document.createElement("span");
  words.textContent = text;
  row.append(name, " ", words);
  return row;
}
