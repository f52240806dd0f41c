/** The one stylesheet of the documentation: system fonts, light and dark, readable on a phone and on paper. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --text: #1c2430; --soft: #5b6675; --line: #e1e5ea; --page: #fff; --panel: #f6f8fa;
  --link: #0b57d0; --code: #f0f2f5; --ink: #e6edf3; --dark: #161b22;
  --get: #0a6e3f; --post: #0b57d0; --put: #8a4b00; --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e2e8f0; --soft: #9aa7b8; --line: #2b333e; --page: #0f1419; --panel: #151b22;
    --link: #8ab4f8; --code: #1f2731; --dark: #0a0d11;
    --get: #5fd39a; --post: #8ab4f8; --put: #f0b26a; --delete: #f28b82;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; display: grid; grid-template-columns: 17rem minmax(0, 1fr);
  color: var(--text); background: var(--page);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .875em; background: var(--code); padding: .1em .35em; border-radius: 4px; overflow-wrap: anywhere; }
nav {
  position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem 3rem 1.5rem;
  border-right: 1px solid var(--line); background: var(--panel); font-size: .875rem;
}
nav .product { margin: 0 0 1rem; font-size: 1.05rem; font-weight: 700; }
nav .product a { color: inherit; }
nav h2 { margin: 1.5rem 0 .35rem; font-size: .75rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); }
nav ul { margin: 0; padding: 0; list-style: none; }
nav li a { display: flex; gap: .5rem; align-items: baseline; padding: .2rem 0; color: inherit; }
main { padding: 2.5rem clamp(1rem, 4vw, 3.5rem) 6rem; max-width: 88rem; }
header { max-width: 46rem; margin-bottom: 2rem; }
h1 { margin: 0; font-size: 2.1rem; line-height: 1.2; }
.lead { margin-top: .5rem; font-size: 1.15rem; color: var(--soft); }
main h2 { margin: 3.5rem 0 .5rem; padding-bottom: .4rem; border-bottom: 1px solid var(--line); font-size: 1.6rem; }
main h3 { margin: 0; font-size: 1.2rem; }
main h4 { margin: 1.6rem 0 .4rem; font-size: .95rem; }
article { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 27rem); gap: 2.5rem; padding: 2rem 0; border-bottom: 1px solid var(--line); }
article.schema, article.problem { display: block; max-width: 46rem; padding: 1.5rem 0; }
article.problem p { margin: .35rem 0; }
.anchor { color: var(--soft); font-weight: 400; opacity: 0; }
h3:hover .anchor, .anchor:focus-visible { opacity: 1; }
.route { margin: .5rem 0 1rem; }
.method { flex: none; min-width: 3.3em; font: 700 .7rem/1 ui-monospace, Menlo, "DejaVu Sans Mono", monospace; letter-spacing: .03em; color: var(--soft); }
.route .method { display: inline-block; min-width: 0; margin-right: .25rem; font-size: .85rem; }
.get { color: var(--get); } .post { color: var(--post); } .put, .patch { color: var(--put); } .delete { color: var(--delete); }
.fields { margin: .25rem 0 0; }
.fields dt { padding-top: .7rem; border-top: 1px solid var(--line); }
.fields dd { margin: .15rem 0 .7rem; font-size: .93rem; }
.fields dd:empty { margin: 0 0 .55rem; }
.fields .fields { margin: .5rem 0 0 .25rem; padding-left: 1rem; border-left: 2px solid var(--line); }
.type, .limits { color: var(--soft); font-size: .85rem; font-weight: 400; }
.required { color: var(--delete); font-size: .8rem; }
.status { display: inline-block; min-width: 2.6em; font: 700 .85rem/1.4 ui-monospace, Menlo, "DejaVu Sans Mono", monospace; color: var(--put); }
.status.ok { color: var(--get); }
details { margin: .5rem 0; }
summary { cursor: pointer; }
.refusal { margin: .1rem 0; font-size: .9rem; }
.examples figure { margin: 0 0 1rem; overflow: hidden; border-radius: 8px; background: var(--dark); color: var(--ink); }
.examples { align-self: start; position: sticky; top: 1.5rem; }
figcaption { padding: .5rem .9rem; font-size: .75rem; color: #9aa7b8; border-bottom: 1px solid #2b333e; }
pre { margin: 0; padding: .8rem .9rem; overflow: auto; max-height: 28rem; font-size: .8rem; line-height: 1.5; }
pre code { padding: 0; background: none; font-size: inherit; overflow-wrap: normal; }
:target > h3, :target > .text > h3 { text-decoration: underline; text-decoration-color: var(--link); text-underline-offset: .3em; }
@media (max-width: 70rem) { article { grid-template-columns: minmax(0, 1fr); gap: 1rem; } .examples { position: static; } }
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; max-height: 45vh; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding-top: 1.5rem; }
}
@media print { nav, .anchor { display: none; } body { display: block; } pre { max-height: none; white-space: pre-wrap; } }
`;
