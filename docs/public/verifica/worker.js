// The worker of the verify page: wasm_exec.js of the Go distribution stands
// before this text, and the page made one blob of the two, so that the worker
// is under the page's own Content-Security-Policy. It needs no network: the
// compiled module comes in the first message, and what is left of the network
// is taken away besides.
'use strict'
for (const name of ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'WebTransport', 'importScripts', 'indexedDB', 'caches', 'BroadcastChannel']) {
  try {
    Object.defineProperty(self, name, { value: undefined, writable: false, configurable: false })
  } catch { /* this browser does not have it */ }
}

const chunkSize = 1 << 20
const progressEvery = 100 // ms

// reader gives ranges of a file. Reads are synchronous, which only a worker may
// do, and small ones come out of a chunk that was read already: a file of any
// size takes the room of one chunk.
function reader(file, tell) {
  const sync = new FileReaderSync()
  let start = 0
  let chunk = new Uint8Array(0)
  let told = 0
  return (offset, length) => {
    try {
      const now = performance.now()
      if (now - told > progressEvery) {
        told = now
        tell(offset)
      }
      if (length >= chunkSize) return new Uint8Array(sync.readAsArrayBuffer(file.slice(offset, offset + length)))
      if (offset < start || offset + length > start + chunk.length) {
        start = offset
        chunk = new Uint8Array(sync.readAsArrayBuffer(file.slice(offset, offset + chunkSize)))
      }
      const piece = chunk.subarray(offset - start, offset - start + length)
      return piece.length === length ? piece : null
    } catch {
      return null // removed or changed since it was chosen
    }
  }
}

const ready = new Promise((resolve, reject) => {
  self.onmessage = async ({ data }) => {
    self.onmessage = answer
    try {
      const go = new self.Go()
      const instance = await WebAssembly.instantiate(data.module, go.importObject)
      go.run(instance) // never ends: it waits for calls
      resolve()
      self.postMessage({ ready: true })
    } catch (error) {
      self.postMessage({ failed: String(error) })
      reject(error)
    }
  }
})

async function answer({ data }) {
  const { id, what, request, file, number, index } = data
  await ready
  const read = reader(file, (offset) => self.postMessage({ id, offset }))
  const ask = (...rest) => {
    const { value, error } = self.gopec[what](JSON.stringify(request), file.size, read, ...rest)
    if (error !== undefined) throw new Error(error)
    return value
  }
  try {
    switch (what) {
      case 'verify':
        self.postMessage({ id, value: ask((line) => self.postMessage({ id, result: line })) })
        break
      case 'file': {
        const pieces = []
        const name = ask(number, index, (piece) => pieces.push(piece))
        // Whatever it is, it is bytes to be saved: no type that a program opens.
        self.postMessage({ id, value: { name, blob: new Blob(pieces, { type: 'application/octet-stream' }) } })
        break
      }
      default:
        self.postMessage({ id, value: ask(number) })
    }
  } catch (error) {
    self.postMessage({ id, error: error.message })
  }
}
