// A Verifier is the worker with the Go code in it, as one object with promises.
// Nothing of a message is ever sent anywhere: a file is handed to the worker,
// which reads it.

// Browsers that know Trusted Types refuse every text that would become script
// or markup; this is the one door, for the two files of our own.
const policy = globalThis.trustedTypes?.createPolicy('gopec', { createScriptURL: (url) => url })
export const scriptURL = (url) => policy?.createScriptURL(url) ?? url

const here = new URL('.', import.meta.url)

async function load(name) {
  const response = await fetch(new URL(name, here), { credentials: 'omit' })
  if (!response.ok) throw new Error(`${name}: ${response.status}`)
  return response
}

export class Verifier {
  #worker
  #calls = new Map()
  #next = 1

  // start loads and compiles the code. It may be called while nothing is asked
  // for yet, so that the first answer comes at once.
  static async start() {
    const [runtime, glue, module] = await Promise.all([
      load('wasm_exec.js').then((r) => r.text()),
      load('worker.js').then((r) => r.text()),
      load('pecverify.wasm').then(async (r) => WebAssembly.compile(await r.arrayBuffer())),
    ])
    const url = URL.createObjectURL(new Blob([runtime, '\n', glue], { type: 'text/javascript' }))
    const verifier = new Verifier()
    await verifier.#begin(new Worker(scriptURL(url)), module)
    return verifier
  }

  #begin(worker, module) {
    this.#worker = worker
    return new Promise((resolve, reject) => {
      worker.onerror = (event) => {
        const error = new Error(event.message || 'worker')
        for (const call of this.#calls.values()) call.reject(error)
        this.#calls.clear()
        reject(error)
      }
      worker.onmessage = ({ data }) => {
        if (data.ready) return resolve()
        if (data.failed) return reject(new Error(data.failed))
        this.#take(data)
      }
      worker.postMessage({ module })
    })
  }

  #take(data) {
    const call = this.#calls.get(data.id)
    if (!call) return
    if (data.offset !== undefined) call.progress?.(data.offset)
    else if (data.result !== undefined) call.result?.(JSON.parse(data.result))
    else {
      this.#calls.delete(data.id)
      if (data.error !== undefined) call.reject(new Error(data.error))
      else call.resolve(data.value)
    }
  }

  #ask(message, handlers = {}) {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { ...handlers, resolve, reject })
      this.#worker.postMessage({ id, ...message })
    })
  }

  // verify hands each message's result to result, in order, and returns the
  // summary of the file.
  async verify(file, request, { result, progress } = {}) {
    return JSON.parse(await this.#ask({ what: 'verify', file, request }, { result, progress }))
  }

  async view(file, request, number) {
    return JSON.parse(await this.#ask({ what: 'view', file, request, number }))
  }

  text(file, request, number) {
    return this.#ask({ what: 'text', file, request, number })
  }

  page(file, request, number) {
    return this.#ask({ what: 'page', file, request, number })
  }

  // file returns { name, blob } of one file that a certified message holds.
  file(file, request, number, index) {
    return this.#ask({ what: 'file', file, request, number, index })
  }

  // stop ends whatever is being done. The Verifier is of no use afterwards.
  stop() {
    this.#worker.terminate()
    for (const call of this.#calls.values()) call.reject(new Error('canceled'))
    this.#calls.clear()
  }
}
