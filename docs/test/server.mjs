// Serves the built site as any static host does, and counts what is asked for.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../.vitepress/dist', import.meta.url))
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm', '.json': 'application/json' }

// find returns the file that an address stands for: the file, the folder's
// index, or the page of that name.
function find(path) {
  const base = join(dist, normalize(decodeURIComponent(path)))
  if (!base.startsWith(dist)) return null
  for (const file of [base, join(base, 'index.html'), `${base}.html`]) {
    if (existsSync(file) && statSync(file).isFile()) return file
  }
  return null
}

// serve returns { url, requests, close }; requests lists the paths asked for.
export async function serve() {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('build the site first: npm run build')
  const requests = []
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    requests.push(pathname)
    const file = find(pathname)
    if (file?.endsWith('index.html') && !pathname.endsWith('/') && !pathname.endsWith('.html')) {
      response.writeHead(301, { location: `${pathname}/` }).end() // relative links need the slash
      return
    }
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/html' })
      createReadStream(join(dist, '404.html')).pipe(response)
      return
    }
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-cache' })
    createReadStream(file).pipe(response)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    requests,
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(resolve)
    }),
  }
}
