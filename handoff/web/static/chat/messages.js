import { answer, make, notice, outside, typed } from "./richtext.js";

/** Draws one message: who says it, what, and when. */
export class Messages {
  #words;
  #base;
  #how;
  #choose;

  /** `heading` is the tag of headings in answers; `choose(text)` is called with the number that was picked. */
  constructor(words, { base, numbers }, heading, choose) {
    this.#words = words;
    this.#base = base;
    this.#how = { heading, numbers };
    this.#choose = choose;
  }

  /** `asked` is the question with choices that it may reply to, so that "2" is shown with what it picks. */
  draw(message, asked) {
    const made = make("div", `message ${message.author}`, make("p", "who", this.#who(message)));
    made.append(...this.#text(message, asked));
    if (message.answer) {
      made.append(make("p", "sources", outside(`${this.#base}a/${message.answer.id}`, this.#words.sources)));
    }
    if (message.choices?.length) made.append(choicesList(message.choices));
    if (message.at) made.append(time(message.at));
    return made;
  }

  /** A message that is still on its way. */
  drawWaiting({ text, stuck, why }, asked) {
    const made = this.draw({ author: "patient", text }, asked);
    made.classList.add("waiting");
    made.append(make("p", "when", why || (stuck ? this.#words.unsent : this.#words.sending)));
    return made;
  }

  greeting(text) {
    return make("div", "message system", make("p", "who", this.#words.system), ...notice(text, this.#how));
  }

  /** Buttons for the choices while they can be picked; a plain list after that. */
  setChoices(node, message, live) {
    const old = node.querySelector(".choices");
    if (!old || (old.role === "group") === live) return;
    old.replaceWith(live ? this.#choiceButtons(message.choices) : choicesList(message.choices));
  }

  #choiceButtons(choices) {
    const isShort = choices.every(({ label }) => label.length <= 2); // such as a rating from 1 to 5
    const group = make("div", isShort ? "choices short" : "choices");
    group.role = "group";
    group.ariaLabel = this.#words.choices;
    choices.forEach(({ label }, place) => {
      const button = make("button", "choice", numbered(place, label));
      button.type = "button";
      button.addEventListener("click", () => this.#choose(String(place + 1)));
      group.append(button);
    });
    return group;
  }

  #who({ author, name }) {
    const word = this.#words[author];
    return typeof word === "function" ? word(name) : (word ?? this.#words[WHO[author]]);
  }

  #text(message, asked) {
    const { author, text, answer: approved } = message;
    if (author === "patient") return typed(this.#meant(text, asked));
    if (author === "nurse" && !approved) return typed(text);
    return approved ? answer(text, this.#how) : notice(text, this.#how);
  }

  #meant(text, asked) {
    if (text === this.#words.personWord) return `${text} (${this.#words.person.toLowerCase()})`;
    const picked = /^\d$/.test(text) ? asked?.choices[Number(text) - 1] : null;
    return picked ? numbered(Number(text) - 1, picked.label) : text;
  }
}

const WHO = { patient: "you" };

/** `2. Asthma symptoms`; a label that begins with its number, such as `2` or `2 (not good)`, stays as it is. */
const numbered = (place, label) => (parseInt(label, 10) === place + 1 ? label : `${place + 1}. ${label}`);

function choicesList(choices) {
  return make("ol", "choices", ...choices.map(({ label }) => make("li", "", label)));
}

function time(at) {
  const moment = new Date(at);
  const today = moment.toDateString() === new Date().toDateString();
  const day = today ? {} : { day: "numeric", month: "short" };
  const made = make("time", "when", moment.toLocaleString([], { ...day, hour: "numeric", minute: "2-digit" }));
  made.dateTime = at;
  return made;
}
