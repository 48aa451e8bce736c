/** The chat's look, kept inside its own shadow: it neither touches the host page nor is touched by it. */
const LOOK = `
:host { all: initial; display: block; --size: 1;
  --ink: #17252a; --soft: #4a5b61; --paper: #f6f8f8; --card: #ffffff; --line: #7c8b90; --brand: #0f5c6e; --mine: #dcecf0;
  --safe: #fff1f0; --alarm: #a31a12; --nurse: #e9f3e9; --focus: #0b57d0; --accent: var(--brand); --on-accent: #ffffff; }
@media (prefers-color-scheme: dark) { :host { color-scheme: dark;
  --ink: #e8eef0; --soft: #b3c2c7; --paper: #11191c; --card: #1a2529; --line: #6d7f85; --brand: #6cc7dc; --mine: #16363f;
  --safe: #3a1815; --alarm: #ff9e94; --nurse: #1a2f1c; --focus: #a8c7fa; --on-accent: #08242b; } }
.panel, .launcher { all: initial; box-sizing: border-box; color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
  font-size: calc(clamp(16px, 1rem, 24px) * var(--size)); }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
h1, h2, h3 { font-size: 1em; line-height: 1.25; margin: .75em 0 .25em; }
p, ul, ol { margin: 0 0 .5em; }
ul, ol { padding-left: 1.4em; }
a { color: var(--brand); }
.hidden { margin: 0; position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

button { font: inherit; font-weight: 600; text-align: center; min-height: 2.75em; padding: .4em 1em; border-radius: 8px; cursor: pointer;
  border: 1px solid var(--brand); background: var(--card); color: var(--brand); }
.send, .launcher { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
button.plain { border-color: transparent; background: transparent; }

.launcher { font-weight: 600; cursor: pointer; position: fixed; bottom: 1em; right: 1em; z-index: 2147483000; border-radius: 2em; padding: .6em 1.3em;
  box-shadow: 0 2px 10px rgb(0 0 0 / .35); border: 2px solid var(--on-accent); }
:host([data-position=left]) .launcher { right: auto; left: 1em; }
.badge:not(:empty) { margin-left: .6em; padding: 0 .6em; border-radius: 1em; background: var(--on-accent); color: var(--accent); }

.panel { display: grid; grid-template-columns: minmax(0, 1fr); grid-template-rows: auto auto minmax(min(9em, 25vh), 1fr) auto; position: fixed; z-index: 2147483000;
  right: 1em; bottom: 1em; width: min(26em, 100vw - 2em); height: min(44em, 100vh - 2em); overflow: auto;
  background: var(--paper); color: var(--ink); border: 1px solid var(--line); border-radius: 12px;
  box-shadow: 0 4px 24px rgb(0 0 0 / .3); }
:host([data-position=left]) .panel { right: auto; left: 1em; }
.panel.full { position: relative; inset: auto; z-index: auto; width: 100%; max-width: 48em; height: 100vh; height: 100dvh; margin: 0 auto; border-width: 0 1px;
  border-radius: 0; box-shadow: none; }
@media (max-width: 480px) { .panel:not(.full) { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; } }
.panel[data-size="1"] { --size: 1.25; } .panel[data-size="2"] { --size: 1.5; } .panel[data-size="3"] { --size: 2; }

header, .always, .writing button { font-size: calc(1em * min(var(--size), 1.15) / var(--size)); } /* words come first */
header { display: flex; align-items: center; padding: .4em .75em; background: var(--card); }
header h1, header h2 { font-size: 1.1em; margin: .25em auto .25em 0; }
.close { font-size: 1.4em; line-height: 1; min-height: 2em; padding: 0 .5em; }

.always { display: flex; flex-wrap: wrap; align-items: center; padding: 0 .75em; background: var(--safe);
  border-block: 1px solid var(--line); }
.danger { margin: 0 auto 0 0; }
.call { font-weight: 700; color: var(--alarm); display: inline-block; padding: .5em .3em; }
summary { padding: .5em; cursor: pointer; font-weight: 600; border-radius: 6px; white-space: nowrap; }
.menu { position: absolute; right: .5em; z-index: 2; display: grid; width: max-content; max-width: calc(100% - 1em);
  background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .25em; box-shadow: 0 4px 16px rgb(0 0 0 / .25); }
.menu button { text-align: left; }

.conversation { display: grid; grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(0, 1fr);
  min-height: 0; }
.log { overflow-y: auto; padding: .75em; overscroll-behavior: contain; min-height: 0; outline-offset: -3px; }
.message { max-width: 88%; width: fit-content; margin: 0 0 .75em; padding: .6em .8em .5em; border: 1px solid var(--line);
  border-radius: 4px 12px 12px; background: var(--card); overflow-wrap: anywhere; }
.message > :last-child { margin-bottom: 0; }
.message.patient { margin-left: auto; background: var(--mine); border-radius: 12px 4px 12px 12px; }
.message.nurse { background: var(--nurse); border-width: 2px; }
.message.safety { background: var(--safe); border: 2px solid var(--alarm); }
.message.system { border-style: dashed; }
.message.waiting { border-style: dotted; }
.who { font-size: .875em; font-weight: 700; color: var(--soft); margin-bottom: .15em; }
.safety .who { color: var(--alarm); }
.when { display: block; font-size: .8125em; color: var(--soft); }
.typed { white-space: pre-wrap; }
.message p:not(.typed) { white-space: pre-line; }
.sources { font-size: .875em; }
div.choices { display: grid; gap: .4em; margin: .5em 0; }
.choice { text-align: left; }
div.choices.short { grid-auto-flow: column; grid-auto-columns: minmax(0, 5em); } .short .choice { text-align: center; padding-inline: 0; }
.below { justify-self: center; margin: .25em .5em; }
.typing, .status { margin: 0; padding: 0 .75em; color: var(--soft); }
.typing:not(:empty) { padding-block: .25em; animation: breathe 1.6s ease-in-out infinite; }
.status:not(:empty) { padding-block: .4em; background: var(--card); border-top: 1px solid var(--line); color: var(--ink); }
@keyframes breathe { 50% { opacity: .85; } } /* still 4.5 to 1 */

.writing { padding: .6em .75em .75em; border-top: 1px solid var(--line); background: var(--card); display: grid; grid-template-columns: minmax(0, 1fr); gap: .5em; }
form { display: flex; flex-wrap: wrap; gap: .5em; align-items: stretch; }
textarea { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5em .6em;
  flex: 1 1 6em; min-width: 0; resize: none; field-sizing: content; max-height: 30vh; min-height: 3.2em; }
textarea::placeholder { color: var(--soft); opacity: 1; }
.warning, .counter { margin: 0; } .warning:empty, .counter:empty { display: none; }
.warning { color: var(--alarm); font-weight: 600; }
.counter { font-size: .875em; color: var(--soft); }

.ask { color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 12px; max-width: 24em; padding: 1.25em; }
.ask::backdrop { background: rgb(0 0 0 / .5); }
.danger-button { background: var(--alarm); border-color: var(--alarm); color: var(--card); }

@media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
@media print { .panel { position: static; height: auto; overflow: visible; border: 0; box-shadow: none; }
  .log { overflow: visible; } .launcher, .options, .close, .writing, .typing, .below { display: none; } .message { break-inside: avoid; } }
`;

/** The style sheets; `colors` are the site's own for what is filled with colour, by look (see attributes.js). */
export function sheets(colors) {
  return [LOOK, own(colors.light, "light"), own(colors.dark, "dark")].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}

const own = (color, look) =>
  color ? `@media (prefers-color-scheme: ${look}) { :host { --accent: ${color.fill}; --on-accent: ${color.ink}; } }` : "";
