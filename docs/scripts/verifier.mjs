// Builds what the verify page needs and the repository does not hold: the
// verifier as WebAssembly, the runtime of the Go distribution that belongs to
// it, the sample messages, and the service workers with the list of all of it.
//
//	node scripts/verifier.mjs
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('../..', import.meta.url))
const site = join(root, 'docs/public')
const page = join(site, 'verifica')
const go = (args, env = {}) => execFileSync('go', args, { cwd: root, env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

// The samples of the page are vectors, and page.js names them.
const samples = ['kind-delivery-complete', 'kind-transport', 'kind-delivery-error', 'forged-authority', 'changed-outcome', 'unsigned-claims', 'kind-ordinary']

const wasm = join(page, 'pecverify.wasm')
go(['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', wasm, './docs/wasm'], { GOOS: 'js', GOARCH: 'wasm', CGO_ENABLED: '0' })
copyFileSync(join(go(['env', 'GOROOT']).trim(), 'lib/wasm/wasm_exec.js'), join(page, 'wasm_exec.js'))

rmSync(join(page, 'samples'), { recursive: true, force: true })
mkdirSync(join(page, 'samples'))
for (const id of samples) copyFileSync(join(root, `vectors/eml/${id}.eml`), join(page, `samples/${id}.eml`))
copyFileSync(join(root, 'vectors/trust/test-ca.pem'), join(page, 'samples/test-ca.pem'))

// Each page has a service worker of its own, beside it: one reaches only what
// lies below it, and the rest of the site is left alone.
const own = readdirSync(page, { recursive: true, withFileTypes: true })
  .filter((e) => e.isFile() && e.name !== 'sw.js' && e.name !== 'index.html')
  .map((e) => join(e.parentPath ?? e.path, e.name))
const template = readFileSync(join(root, 'docs/scripts/sw.js'), 'utf8')
for (const folder of [page, join(site, 'en/verify')]) {
  const files = [...own, join(folder, 'index.html')].sort()
  const hash = createHash('sha256')
  for (const f of files) hash.update(relative(site, f)).update(readFileSync(f))
  const urls = ['./', ...files.map((f) => relative(folder, f).split(sep).join('/'))]
  writeFileSync(join(folder, 'sw.js'), template
    .replace("'VERSION'", JSON.stringify(`${relative(site, folder).split(sep).join('/')}-${hash.digest('hex').slice(0, 16)}`))
    .replace('[/* FILES */]', JSON.stringify(urls)))
}

const bytes = readFileSync(wasm)
const kb = (n) => `${Math.round(n / 1024)} KiB`
console.log(`verifier: ${kb(bytes.length)}, ${kb(gzipSync(bytes, { level: 9 }).length)} with gzip, ${kb(brotliCompressSync(bytes).length)} with brotli`)
