// A report as elements. Every string goes into an element as text; nothing here
// can make markup, a link or an image out of what a message says, and the
// page's policy (Trusted Types) would not let it.
import w from './words.js'

// el makes an element with properties and children; strings become text.
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (key === 'class') element.className = value
    else if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else element.setAttribute(key, value)
  }
  element.append(...children.filter((c) => c !== null && c !== undefined))
  return element
}

const marks = { pass: '✓', warn: '!', fail: '✗', skip: '–' }
const mark = (status) => el('span', { class: `mark ${status}`, 'aria-hidden': 'true' }, marks[status] ?? '·')

function compared(status) {
  return { pass: w.matches, warn: w.differs, fail: w.fails, skip: w.notCompared }[status] ?? ''
}

// section shows facts under a heading. Text written from right to left stays in
// its own <bdi> and cannot pull the words beside it around.
function section(s, level, kind) {
  if (!s) return null
  const rows = s.rows.map((row) => el('div', { class: 'row' },
    el('dt', {}, row.label),
    el('dd', {},
      ...row.values.map((value) => el('bdi', { class: 'value' }, value)),
      row.status ? el('span', { class: `compared ${row.status}` }, mark(row.status), ' ', compared(row.status)) : null,
      row.note ? el('span', { class: 'note' }, row.note) : null)))
  return el('div', { class: `facts ${kind}` },
    el(`h${level}`, {}, s.heading),
    s.lead ? el('p', { class: 'small' }, s.lead) : null,
    el('dl', {}, ...rows))
}

function notes(heading, list, level) {
  if (!list.length) return null
  return el('div', { class: 'notes' },
    el(`h${level}`, {}, heading),
    el('ul', {}, ...list.map((n) => el('li', { class: n.status }, mark(n.status), el('span', {}, n.detail)))))
}

// checks lists every check, each to be opened.
function checks(view) {
  if (!view.checks.length) return null
  return el('details', { class: 'checks' },
    el('summary', {}, `${w.checks}: ${view.counts}`),
    el('ul', {}, ...view.checks.map((c) => el('li', {},
      el('details', {},
        el('summary', {}, mark(c.status), el('span', { class: 'title' }, c.title), el('span', { class: `word ${c.status}` }, c.word)),
        el('p', {}, c.detail),
        el('p', { class: 'small' }, el('code', {}, c.id), ` · ${c.clause}`))))))
}

// report shows one view; level is that of its headings.
export function report(view, level = 3) {
  const inner = view.layers.map((layer) => el('section', { class: 'layer' },
    el(`h${Math.min(level + 1, 6)}`, {}, layer.file),
    report(layer, Math.min(level + 1, 6))))
  return el('div', { class: 'report' },
    el('div', { class: `outcome ${view.tone}` },
      el('p', { class: 'word' }, view.outcome),
      view.verdict ? el('p', { class: 'verdict' }, view.verdict) : null),
    ...view.meaning.map((text) => el('p', { class: 'meaning' }, text)),
    notes(w.why, view.failures, level),
    section(view.facts, level, view.facts?.certified ? 'certified' : 'stated'),
    notes(w.attention, view.warnings, level),
    section(view.outside, level, 'outside'),
    section(view.how, level, 'how'),
    checks(view),
    ...inner)
}
