import { html, type Html } from './html.js';

/** The part of CommonMark that our descriptions use: paragraphs, `code` and [links](#there). */
export const renderParagraphs = (text: string): Html[] =>
  text.split('\n\n').map((paragraph) => html`<p>${renderInlineText(paragraph)}</p>`);

/** The `code` and links within one line. */
export const renderInlineText = (text: string): Html[] =>
  text
    .split(/(`[^`]+`|\[[^\]]+\]\([^)\s]+\))/)
    .filter((part) => part !== '')
    .map((part) => {
      const [, code] = /^`(.+)`$/.exec(part) ?? [];
      if (code !== undefined) return html`<code>${code}</code>`;
      const [, label, target] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? [];
      return label === undefined ? html`${part}` : html`<a href="${target}">${label}</a>`;
    });
