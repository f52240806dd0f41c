import { html, type Html } from './html.js';

/** The part of CommonMark that our descriptions use: paragraphs, `code` and [links](#there). */
export const prose = (text: string): Html[] => text.split('\n\n').map((paragraph) => html`<p>${inline(paragraph)}</p>`);

/** The same within a line. */
export const inline = (text: string): Html[] =>
  text
    .split(/(`[^`]+`|\[[^\]]+\]\([^)\s]+\))/)
    .filter((part) => part !== '')
    .map((part) => {
      const [, code] = /^`(.+)`$/.exec(part) ?? [];
      if (code !== undefined) return html`<code>${code}</code>`;
      const [, label, target] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? [];
      return label === undefined ? html`${part}` : html`<a href="${target}">${label}</a>`;
    });
