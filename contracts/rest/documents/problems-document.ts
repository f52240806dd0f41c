import { FIELD_RULES } from '../field-rules.js';
import { PROBLEMS } from '../problem.js';

/** The catalog of problems in Markdown; the anchors are those of `/docs/problems`. */
export const renderProblemsDocument = (): string =>
  [
    '# Problems',
    'All problems that the API responds with, as `application/problem+json` (RFC 9457):',
    ['```json', JSON.stringify(EXAMPLE, null, 2), '```'].join('\n'),
    'Let clients decide by `code`: codes never change, and new ones may be added. `type` links to the explanation below, which ' +
      'the API serves too. Quote `requestId` when you ask for help.',
    ...Object.entries(PROBLEMS).flatMap(([code, { status, title, advice }]) => [
      `## ${code}`,
      `**${status}.** ${title} ${advice}`,
    ]),
    '## Rules of fields',
    'Each entry in `errors` names a value by its `pointer` (RFC 6901) and the rule that it breaks by its `code`. The value itself ' +
      'is never repeated.',
    [...ROWS, ...Object.entries(FIELD_RULES).map(([code, rule]) => `| \`${code}\` | ${rule} |`)].join('\n'),
    'Written by `npm run documents` from `contracts/rest/problem.ts` and `contracts/rest/field-rules.ts`.',
  ].join('\n\n') + '\n';

const ROWS = ['| Code | Rule |', '| --- | --- |'];

const EXAMPLE = {
  type: '/docs/problems#invalid_request',
  title: PROBLEMS.invalid_request.title,
  status: PROBLEMS.invalid_request.status,
  code: 'invalid_request',
  requestId: '0f2a6c1e-7d63-4c58-9b8e-1f2d3c4b5a69',
  errors: [{ pointer: '/url', code: 'url_scheme' }],
};
