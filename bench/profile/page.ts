import { type Frame, ranking } from './frames.ts'

/** What was found out about one operation. */
export type Profiled = {
  /** Such as `verify`. */
  name: string
  /** Such as `GET /verify, 50 connections`. */
  title: string
  cpu: Frame
  /** What was allocated, and how many answers that was for. */
  heap?: Frame
  answers: number
  heapAnswers: number
}

const ROWS = 10

/** The page in Markdown; the graphs lie beside it in `profiles/`. */
export function asPage(all: readonly Profiled[], machine: string): string {
  return `# Where the time goes

\`npm run bench:profile\` writes this page. It starts the server as built for production on a SQLite file, puts load on one
operation after the other from another process, and asks V8 for samples of the main thread.
Measured on ${machine}.

Shares are those of the time in which the main thread had work; hashes are computed on other threads and are not in it.
A profiler slows what it looks at, so an answer takes longer here than without it. \`npm run bench:profile -- refresh\` prints
the part of one operation; \`--keep <folder>\` leaves the profiles themselves, for the developer tools of Chromium.

Machine code (gray) counts for the package that called it. In the graphs the callers are above, and the width is
the share. Open one by itself and point at a box: it names the function, where it lives, and its share.

${all.map(section).join('\n')}`
}

function section({ name, title, cpu, heap, answers, heapAnswers }: Profiled): string {
  const busy =
    answers === 1
      ? `${(cpu.total / 1000).toFixed(0)} ms of the main thread.`
      : `${(cpu.total / answers / 1000).toFixed(3)} ms of the main thread for each answer${
          heap ? `, and ${(heap.total / heapAnswers / 1024).toFixed(1)} KiB allocated` : ''
        }.`
  return `## ${title}

${busy}

![Flame graph of ${title}](profiles/${name}.svg)

${table('Function, by its own time', cpu, functionName)}
${table('Package or file, by its own time', cpu, placeName)}
${heap ? table('Function, by what it allocates itself', heap, functionName) : ''}`
}

const functionName = ({ name, place }: Frame) => (place ? `\`${name}\` · ${place}` : name)
const placeName = ({ name, place }: Frame) => (place === 'V8' ? name : place || name)

function table(heading: string, top: Frame, nameOf: (frame: Frame) => string): string {
  const rows = ranking(top, nameOf)
    .slice(0, ROWS)
    .map(([name, amount]) => `| ${name.replaceAll('|', '\\|')} | ${share(amount, top)} |`)
  return `| ${heading} | share |\n|---|---:|\n${rows.join('\n')}\n`
}

function share(amount: number, { total }: Frame): string {
  return `${((amount / total) * 100).toFixed(1)} %`
}
