// How a text travels by SMS (3GPP TS 23.038 and 23.040): the same rules as handoff/content counts by.

const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION = "^{}\\[~]|€\f";

/** → { segments, characters, left, surprises }: `surprises` are the signs that make texts short and dear. */
export function smsSize(text) {
  const surprises = [...new Set([...text].filter((sign) => !BASIC.includes(sign) && !EXTENSION.includes(sign)))];
  const units = surprises.length
    ? text.length
    : [...text].reduce((sum, sign) => sum + (EXTENSION.includes(sign) ? 2 : 1), 0);
  const [one, part] = surprises.length ? [70, 67] : [160, 153];
  const segments = units <= one ? 1 : Math.ceil(units / part);
  const room = segments === 1 ? one : segments * part;
  return { segments: text ? segments : 0, characters: units, left: room - units, surprises };
}

const PLAIN = { "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " " };

/** The same text with plain signs where there are any. */
export const plainer = (text) => [...text].map((sign) => PLAIN[sign] ?? sign).join("");
