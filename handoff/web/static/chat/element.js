import { checked } from "./attributes.js";
import { Listener } from "./listener.js";
import { Memory } from "./memory.js";
import { Messages } from "./messages.js";
import { Outbox } from "./outbox.js";
import { skeleton } from "./skeleton.js";
import { Server } from "./server.js";
import { sheets } from "./style.js";
import { languageOf, words } from "./words.js";

const SIZES = 4;
const NEAR_THE_LIMIT = 500;
const TYPING_EVERY = 4000;
const DOUBLE_TAP = 1000;
const NEAR_THE_END = 80; // pixels from the end of the log at which the patient still reads along

/** The whole chat as one element: a button that opens it, or (with the attribute `full`) a page of its own. */
class BedsideChat extends HTMLElement {
  #settings;
  #words;
  #language;
  #memory;
  #server;
  #outbox;
  #listener;
  #messages;
  #parts;
  #greeting = "";
  #shown = new Map(); // seq → {message, node}
  #heard = 0; // up to here we were told everything; a receipt for our own message says nothing of those before it
  #spokeAt = 0;
  #askedAt = 0;
  #typedAt = 0;

  /** Called once, with what the loader knows, before the element is put into the page. */
  begin(settings) {
    this.#settings = settings;
    this.#memory = new Memory("bedside-chat");
    this.#language = languageOf(settings.language, this.#memory.get("language"));
    this.lang = this.#language;
    this.#words = words(settings, this.#language);
    this.#server = new Server(settings.base, this.#memory, () => this.#language, () => this.#listener.run());
    this.#messages = new Messages(this.#words, settings, this.#full ? "h2" : "h3", (number) => this.#say(number));
    this.#outbox = new Outbox(this.#memory, this.#server, {
      changed: () => this.#drawWaiting(),
      sent: (item, seq) => this.#sent(item, seq),
      refused: (item, sentence) => this.#refused(item, sentence),
      gone: () => this.#begunAnew(),
    });
    this.#listener = new Listener(this.#server, () => this.#heard, () => this.#isSeen, {
      news: (messages, typing) => this.#news(messages, typing),
      typing: (who) => this.#showTyping(who),
      live: () => this.#tell(""),
      lost: () => this.#tell(this.#words.lost),
      gone: () => this.#begunAnew(),
    });
    this.#build();
    this.#listen();
    this.#outbox.run();
    this.#listener.run();
  }

  get #full() {
    return this.hasAttribute("full");
  }

  get #isSeen() {
    return document.visibilityState === "visible" && !this.#parts.panel.hidden;
  }

  /** The highest number on the screen. */
  get #last() {
    return Math.max(0, ...this.#shown.keys());
  }

  // Building

  /** Whoever stands on what the page showed meanwhile (a number to call) goes on at the same place in the chat. */
  #build() {
    const stoodHere = this.contains(document.activeElement);
    const root = this.attachShadow({ mode: "open" });
    const { colors, position, greeting } = checked(this.#settings);
    root.adoptedStyleSheets = sheets(colors);
    this.#parts = skeleton(root, this.#words, this.#settings, this.#full);
    const { log, text } = this.#parts;
    this.dataset.position = position;
    this.#greeting = greeting;
    this.#setSize(this.#memory.get("size", 0));
    this.#greet();
    log.ariaBusy = String(this.#server.started); // what was said before is not read aloud all over again
    text.value = this.#memory.get("draft", "");
    this.#drawWaiting();
    this.#count();
    if (stoodHere) this.#parts.call.focus();
  }

  #greet() {
    const { log } = this.#parts;
    log.querySelector(".greeting")?.remove();
    const greeting = this.#messages.greeting(this.#greeting || this.#words.greeting);
    greeting.classList.add("greeting");
    log.prepend(greeting);
  }

  /** The chat's own words at once; what we are answered in follows from the patient's asking for it. */
  #changeLanguage() {
    this.#language = this.#language === "es" ? "en" : "es";
    this.lang = this.#language;
    this.#memory.set("language", this.#language);
    Object.assign(this.#words, words(this.#settings, this.#language));
    this.#parts.relabel();
    this.#parts.options.open = false;
    this.#setSize(Number(this.#parts.panel.dataset.size));
    this.#greet();
    this.#count();
    if (this.#server.started) this.#say(this.#words.askLanguage);
    this.#parts.text.focus();
  }

  #listen() {
    const { launcher, close, panel, options, form, text, person, language, larger, end, endYes, endNo, below, log } = this.#parts;
    launcher.addEventListener("click", () => this.#open());
    close.addEventListener("click", () => this.#close());
    panel.addEventListener("keydown", (event) => event.key === "Escape" && this.#escape());
    panel.addEventListener("click", ({ target }) => options.contains(target) || (options.open = false));
    form.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    text.addEventListener("input", () => this.#typed());
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    person.addEventListener("click", () => this.#askForPerson());
    language.addEventListener("click", () => this.#changeLanguage());
    larger.addEventListener("click", () => this.#enlarge());
    end.addEventListener("click", () => this.#askToEnd());
    endYes.addEventListener("click", () => this.#end());
    endNo.addEventListener("click", () => this.#keepChatting());
    below.addEventListener("click", () => log.scrollTo({ top: log.scrollHeight }));
    log.addEventListener("scroll", () => this.#seesTheLast() && (below.hidden = true));
    document.addEventListener("visibilitychange", () => this.#hurry());
    addEventListener("online", () => this.#hurry());
    addEventListener("pageshow", () => this.#hurry());
    addEventListener("offline", () => this.#tell(this.#words.lost));
    this.#memory.watch(() => this.#otherTab());
  }

  #hurry() {
    this.#outbox.hurry();
    this.#listener.hurry();
  }

  #otherTab() {
    if (!this.#server.started && this.#shown.size) this.#clear(this.#words.ended);
    this.#drawWaiting();
    this.#listener.run();
  }

  // Opening and closing

  #open() {
    const { panel, launcher, text } = this.#parts;
    panel.hidden = false;
    launcher.hidden = true;
    this.#unread(false);
    this.#memory.set("read", this.#last);
    this.#scrollToEnd();
    this.#listener.hurry();
    text.focus();
  }

  #close() {
    const { panel, launcher } = this.#parts;
    panel.hidden = true;
    launcher.hidden = false;
    launcher.focus();
    this.#listener.hurry();
  }

  #escape() {
    const { options } = this.#parts;
    if (options.open) {
      options.open = false;
      options.firstElementChild.focus();
    } else if (!this.#full) this.#close();
  }

  #unread(is) {
    const { badge, news } = this.#parts;
    badge.textContent = news.textContent = is ? this.#words.unread : "";
  }

  // Writing

  #submit() {
    const { text } = this.#parts;
    const said = text.value.trim();
    if (!said) {
      if (Date.now() - this.#spokeAt > DOUBLE_TAP) this.#warn(this.#words.empty);
      return text.focus();
    }
    const over = length(said) - this.#settings.longest;
    if (over > 0) return this.#warn(this.#words.tooLong(over));
    text.value = "";
    this.#memory.forget("draft");
    this.#say(said);
  }

  #say(said) {
    this.#spokeAt = Date.now();
    this.#warn("");
    this.#count();
    this.#outbox.add(said, this.#last);
    this.#scrollToEnd();
    this.#parts.text.focus();
  }

  #askForPerson() {
    if (Date.now() - this.#askedAt < DOUBLE_TAP) return;
    this.#askedAt = Date.now();
    this.#say(this.#words.personWord);
  }

  #typed() {
    this.#memory.set("draft", this.#parts.text.value);
    this.#warn("");
    this.#count();
    if (this.#server.started && Date.now() - this.#typedAt > TYPING_EVERY) {
      this.#typedAt = Date.now();
      this.#server.typing().catch(() => {}); // only a courtesy to the nurse
    }
  }

  #count() {
    const { text, counter } = this.#parts;
    const left = this.#settings.longest - length(text.value.trim());
    counter.textContent = left > NEAR_THE_LIMIT ? "" : left < 0 ? this.#words.tooLong(-left) : this.#words.left(left);
  }

  #warn(sentence) {
    this.#parts.warning.textContent = sentence;
  }

  // What comes of it

  #sent({ text }, seq) {
    if (!this.#shown.has(seq)) {
      this.#show([{ seq, author: "patient", text, at: new Date().toISOString() }]);
    }
  }

  #refused({ text }, sentence) {
    const field = this.#parts.text;
    field.value = field.value.trim() ? `${text}\n${field.value}` : text;
    this.#memory.set("draft", field.value);
    this.#warn(sentence || this.#words.failed);
    this.#count();
  }

  #begunAnew() {
    this.#memory.forget("read");
    this.#clear(this.#words.begunAnew);
  }

  #news(messages, typing) {
    this.#heard = Math.max(this.#heard, ...messages.map(({ seq }) => seq));
    this.#show(messages);
    if (this.#parts.log.ariaBusy === "true") this.#scrollToEnd();
    this.#parts.log.ariaBusy = "false";
    if (typing !== undefined) this.#showTyping(typing);
  }

  #show(messages) {
    const fresh = messages.filter(({ seq }) => !this.#shown.has(seq));
    if (!fresh.length) return;
    const along = this.#readsAlong();
    for (const message of fresh) this.#insert(message);
    this.#drawWaiting();
    const theirs = fresh.filter(({ author }) => author !== "patient");
    if (!theirs.length) return;
    if (!this.#parts.panel.hidden) this.#memory.set("read", this.#last);
    else if (theirs.at(-1).seq > this.#memory.get("read", 0)) this.#unread(true);
    if (along) this.#scrollTo(this.#unreadSafety() ?? this.#shown.get(theirs[0].seq).node);
    this.#parts.below.hidden = this.#seesTheLast();
  }

  /** The first safety message since the patient last wrote: what comes after it must not push it out of sight. */
  #unreadSafety() {
    const all = [...this.#shown.values()];
    const since = all.slice(all.findLastIndex(({ message }) => message.author === "patient") + 1);
    return since.find(({ message }) => message.author === "safety")?.node;
  }

  /** In the order of the numbers, whatever the order of arrival. */
  #insert(message) {
    const seqs = [...this.#shown.keys()].filter((seq) => seq < message.seq);
    const before = this.#shown.get(Math.max(0, ...seqs));
    const node = this.#messages.draw(message, this.#lastQuestion(message.seq));
    const spot = before?.node ?? this.#parts.log.firstElementChild;
    spot.after(node);
    this.#shown.set(message.seq, { message, node });
    this.#shown = new Map([...this.#shown].sort(([one], [other]) => one - other));
  }

  /** What is still on its way, without what has arrived already though nobody has told us so. */
  #drawWaiting() {
    const { waiting } = this.#parts;
    const arrived = [...this.#shown.values()].map((one) => one.message).filter(({ author }) => author === "patient");
    const open = this.#outbox.waiting.filter(({ text, after }) => {
      const place = arrived.findIndex((message) => message.seq > after && message.text === text);
      return place < 0 || !arrived.splice(place, 1);
    });
    const asked = this.#lastQuestion();
    waiting.replaceChildren(...open.map((item) => this.#messages.drawWaiting(item, asked)));
    for (const { message, node } of this.#shown.values()) {
      this.#messages.setChoices(node, message, message === asked && !open.length);
    }
  }

  /** The newest message with choices that the patient has not written anything after. */
  #lastQuestion(before = Infinity) {
    const earlier = [...this.#shown.values()].map((one) => one.message).filter(({ seq }) => seq < before);
    const since = earlier.slice(earlier.findLastIndex(({ author }) => author === "patient") + 1);
    return since.findLast(({ choices }) => choices?.length);
  }

  #showTyping(who) {
    const { typing } = this.#parts;
    const along = this.#readsAlong();
    typing.textContent = who ? (who === "nurse" ? this.#words.nurseWriting : this.#words.writing) : "";
    if (along && who) this.#scrollToEnd();
  }

  #tell(sentence) {
    const { status } = this.#parts;
    if (status.textContent !== sentence) status.textContent = sentence;
  }

  // Reading

  #readsAlong() {
    const { log } = this.#parts;
    return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_THE_END;
  }

  /** Whether the newest message has at least begun on the screen. */
  #seesTheLast() {
    const newest = this.#shown.get(this.#last)?.node.getBoundingClientRect();
    return !newest || newest.top < this.#parts.log.getBoundingClientRect().bottom - NEAR_THE_END / 2;
  }

  #scrollToEnd() {
    const { log } = this.#parts;
    log.scrollTop = log.scrollHeight;
  }

  /** The end of the log, but never past the start of what is new: a long answer is read from its top. */
  #scrollTo(node) {
    const { log } = this.#parts;
    const top = node.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop;
    log.scrollTop = Math.min(log.scrollHeight - log.clientHeight, top - 8);
  }

  #enlarge() {
    this.#setSize((Number(this.#parts.panel.dataset.size) + 1) % SIZES);
    this.#scrollToEnd();
  }

  #setSize(size) {
    const { panel, larger } = this.#parts;
    panel.dataset.size = size;
    larger.textContent = size === SIZES - 1 ? this.#words.normal : this.#words.larger;
    this.#memory.set("size", size);
  }

  // Leaving

  #askToEnd() {
    const { ask, askText, endNo, options } = this.#parts;
    options.open = false;
    askText.textContent = `${this.#words.endAsk} ${this.#outbox.waiting.length ? this.#words.endUnsent : ""}`.trim();
    ask.showModal();
    endNo.focus();
  }

  #keepChatting() {
    this.#parts.ask.close();
  }

  #end() {
    this.#parts.ask.close();
    this.#memory.forget("token", "outbox", "draft", "read");
    this.#parts.text.value = "";
    this.#clear(this.#words.ended);
    this.#listener.hurry();
    this.#outbox.hurry();
    this.#parts.text.focus();
  }

  #clear(sentence) {
    for (const { node } of this.#shown.values()) node.remove();
    this.#shown.clear();
    this.#heard = 0;
    this.#drawWaiting();
    this.#showTyping(null);
    this.#tell(sentence);
  }
}

const length = (text) => [...text].length;

/** Put the chat into the page: into the elements that wait for it, else as a button in a corner. */
export function open(settings) {
  if (!customElements.get("bedside-chat")) customElements.define("bedside-chat", BedsideChat);
  const places = document.querySelectorAll("bedside-chat");
  const chats = places.length ? [...places] : [document.createElement("bedside-chat")];
  for (const chat of chats) {
    if (chat.shadowRoot) continue;
    chat.begin(settings);
    if (!chat.isConnected) document.body.append(chat);
  }
}
