import { html, type Html } from './html.js';

interface Page {
  readonly title: string;
  readonly navigation: Html;
  readonly main: Html;
}

/** A complete page with our one stylesheet, without scripts and without resources of other origins. */
export const renderPage = ({ title, navigation, main }: Page): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/docs/style.css" />
      </head>
      <body>
        <nav aria-label="Contents">${navigation}</nav>
        <main>${main}</main>
      </body>
    </html>`.html;
