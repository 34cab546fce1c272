// The verify page: files go to the verifier, what comes back becomes elements.
import { Verifier, scriptURL } from './verifier.js'
import { el, report } from './report.js'
import w, { lang } from './words.js'

const $ = (id) => document.getElementById(id)
const here = new URL('.', import.meta.url)
const keepViews = 50 // of one file; further ones are made again when they are opened

let verifier // a promise
let testCA // its PEM, once it was asked for
let stopped = false
let busy = Promise.resolve()
const shown = [] // { file, request, results }

const say = (text) => { $('status').textContent = text }
const size = (n) => new Intl.NumberFormat(lang, n < 1e6
  ? { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 }
  : { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }).format(n < 1e6 ? Math.ceil(n / 1e3) : n / 1e6)

function start() {
  verifier = Verifier.start()
  verifier.then(() => { document.documentElement.dataset.verifier = 'ready' }, (error) => say(w.failed + error.message))
  return verifier
}

const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value

// request is what the options ask for.
async function request(name, trust = chosen('trust')) {
  if (trust === 'test') testCA ??= await (await fetch(new URL('samples/test-ca.pem', here))).text()
  return { name, lang, detailLang: lang, trust: trust === 'test' ? [testCA] : [], policy: chosen('policy'), at: chosen('at') }
}

// verify takes files one after the other, behind what is being done already.
function verify(list, trust) {
  const files = [...list] // now: the browser's own list is emptied when the input is
  busy = busy.then(() => run(files, trust)).catch((error) => say(w.failed + error.message))
  return busy
}

async function run(files, trust) {
  stopped = false
  const before = shown.length
  for (const file of files) {
    if (stopped) break
    const entry = { file, request: await request(file.name, trust), trust: trust ?? chosen('trust'), results: [] }
    shown.push(entry)
    await one(entry, files.length === 1)
  }
  $('work').hidden = true
  if (!stopped) summary(shown.slice(before))
}

async function one(entry, only) {
  const { file } = entry
  const box = $('list').appendChild(el('section', { class: 'file', 'aria-label': file.name }))
  $('results').hidden = false
  $('work').hidden = false
  $('progress').max = file.size || 1
  $('progress').value = 0
  say(w.working(file.name))
  const v = await (verifier ?? start())
  try {
    const summary = await v.verify(file, entry.request, {
      progress(offset) {
        $('progress').value = offset
        say(w.progress(file.name, size(offset), size(file.size), entry.results.length))
      },
      result(r) {
        // The first of a single file lies open; among many each is a line.
        const open = only && r.number === 1
        entry.results.push({ number: r.number, file: r.file, line: r.line, status: r.status })
        box.append(message(entry, r, open))
      },
    })
    const left = [summary.others ? w.others(summary.others) : '', ...summary.hints].filter(Boolean)
    for (const text of left) box.append(el('p', { class: 'small' }, text))
  } catch (error) {
    box.append(el('p', { class: 'problem' }, w.notDone(file.name, error.message === 'canceled' ? w.stopped : error.message)))
  }
}

// summary tells what came out, once: that is what a screen reader says.
function summary(entries) {
  const results = entries.flatMap((e) => e.results)
  const count = (status) => results.filter((r) => r.status === status).length
  const first = $('list').querySelector('.outcome .word')
  say(results.length === 1 && first ? w.single(results[0].file, $('list').lastElementChild.querySelector('.line-outcome').textContent) : w.done(count(0), count(1), count(2)))
  $('results-heading').scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' })
}

// message is one message: a line that opens into its report.
function message(entry, r, open) {
  let view = r.number <= keepViews ? r.view : null
  const { tone, outcome, file } = r.view
  const body = el('div', { class: 'body' })
  const details = el('details', { class: `message ${tone}` },
    el('summary', {}, el('span', { class: `line-outcome ${tone}` }, outcome), el('bdi', { class: 'line-file' }, file)),
    body)
  const fill = async () => {
    if (body.childElementCount) return
    view ??= await (await verifier).view(entry.file, entry.request, r.number)
    body.append(...[
      entry.trust === 'test' ? el('p', { class: 'test-trust' }, w.testTrust) : null,
      report(view), saves(entry, r, view),
    ].filter(Boolean))
    if (r.number > keepViews) view = null
  }
  details.addEventListener('toggle', () => { if (details.open) fill().catch((error) => say(error.message)) })
  if (open) {
    fill()
    details.open = true
  }
  return details
}

const button = (text, action) => el('button', {
  type: 'button',
  onclick: () => Promise.resolve(action()).catch((error) => say(w.saveFailed + error.message)),
}, text)

// saves offers what can be saved of one message.
function saves(entry, r, view) {
  const base = stem(r.file)
  const tools = el('div', { class: 'tools' },
    button(w.page, async () => save(new Blob([await (await verifier).page(entry.file, entry.request, r.number)]), `${base}.html`)),
    button(w.text, async () => save(new Blob([await (await verifier).text(entry.file, entry.request, r.number)]), `${base}.txt`)),
    button(w.json, () => save(new Blob([r.line, '\n']), `${base}.json`)))
  if (!view.saves.length) return el('div', { class: 'saves' }, tools, view.tone === 'bad' ? el('p', { class: 'small' }, w.noSaves) : null)
  return el('div', { class: 'saves' },
    tools,
    el('h3', {}, w.saves),
    el('p', { class: 'small' }, w.savesNote),
    el('ul', {}, ...view.saves.map((s) => el('li', {},
      el('bdi', {}, s.name), ' ',
      el('button', {
        type: 'button',
        'aria-label': `${w.save} ${s.name}`,
        onclick: () => (async () => {
          const { name, blob } = await (await verifier).file(entry.file, entry.request, r.number, s.index)
          save(blob, name)
        })().catch((error) => say(w.saveFailed + error.message)),
      }, w.save)))))
}

// stem reduces a name to one that a file can have everywhere.
const stem = (name) => (name.replace(/\.eml$/i, '').replace(/[^A-Za-z0-9-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60) || 'pec')

// save hands bytes to the browser as a file, never as something to be shown.
function save(blob, name) {
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }))
  const a = el('a', { href: url, download: name, hidden: '' })
  document.body.append(a)
  a.click()
  a.remove()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function samples() {
  for (const [id, what] of Object.entries(w.samples)) {
    $('samples').append(el('li', {}, el('button', {
      type: 'button',
      'data-sample': id,
      onclick: async () => {
        const response = await fetch(new URL(`samples/${id}.eml`, here))
        clear()
        verify([new File([await response.arrayBuffer()], `${id}.eml`)], 'test')
      },
    }, what)))
  }
}

function clear() {
  shown.length = 0
  $('list').replaceChildren()
  $('results').hidden = true
  say('')
}

function dropping() {
  // A file that misses the box must not be opened by the browser.
  for (const type of ['dragenter', 'dragover', 'drop']) {
    addEventListener(type, (event) => event.preventDefault())
  }
  addEventListener('dragover', () => $('drop').classList.add('over'))
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) $('drop').classList.remove('over') })
  addEventListener('drop', (event) => {
    $('drop').classList.remove('over')
    const files = event.dataTransfer?.files
    if (files?.length) verify(files)
  })
}

$('files').addEventListener('change', () => {
  verify($('files').files)
  $('files').value = ''
})
$('stop').addEventListener('click', async () => {
  stopped = true
  const v = await verifier
  start()
  v.stop()
})
$('clear').addEventListener('click', () => {
  clear()
  $('files').focus()
})
$('save-all').addEventListener('click', () => save(new Blob(shown.flatMap((e) => e.results.map((r) => r.line + '\n'))), 'pecverify.jsonl'))
dropping()
samples()
start()
navigator.serviceWorker?.register(scriptURL(new URL('sw.js', location.href).href)).then(async () => {
  await navigator.serviceWorker.ready
  $('offline').textContent = w.offline
}, () => { /* from a file, or a browser that forbids it: the page works all the same */ })
