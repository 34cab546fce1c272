// The verify page in a browser: what it says, that it stays alive, that it
// works without a network, and that a screen reader and a keyboard can use it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { drop, open, root, vectorFile, withSite } from './browser.mjs'

const useTestCA = async (page) => {
  await page.locator('.options > summary').click()
  await page.locator('input[name=trust][value=test]').check()
}

test('the verifier is under 4 MB compressed', () => {
  const wasm = readFileSync(new URL('docs/public/verifica/pecverify.wasm', root))
  const size = gzipSync(wasm, { level: 9 }).length
  console.log(`# ${wasm.length} bytes, ${size} with gzip`)
  assert.ok(size < 4e6, `${size} bytes`)
})

test('certifies, refuses, and says which', async () => {
  await withSite(async (site, browser) => {
    for (const [path, outcomes] of [
      ['verifica/', { certified: 'autentica: CONSEGNATO', forged: 'autenticità NON dimostrata', tampered: 'NON autentica', junk: 'posta ordinaria: nulla è certificato' }],
      ['en/verify/', { certified: 'authentic: DELIVERED', forged: 'authenticity could NOT be shown', tampered: 'NOT authentic', junk: 'ordinary mail: nothing is certified' }],
    ]) {
      const page = await open(browser, site.url + path)
      await useTestCA(page)
      const junk = { name: 'junk.eml', mimeType: 'message/rfc822', buffer: Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)) }
      const empty = { name: 'empty.eml', mimeType: 'message/rfc822', buffer: Buffer.alloc(0) }
      for (const [file, outcome, tone] of [
        [vectorFile('kind-delivery-complete'), outcomes.certified, 'good'],
        [vectorFile('forged-authority'), outcomes.forged, 'bad'],
        [vectorFile('changed-outcome'), outcomes.tampered, 'bad'],
        [junk, outcomes.junk, 'plain'],
        [empty, outcomes.junk, 'plain'],
      ]) {
        await page.locator('#clear').click({ force: true, timeout: 1000 }).catch(() => {})
        await drop(page, file)
        assert.equal(await page.locator('.outcome .word').first().textContent(), outcome)
        assert.match(await page.locator('.outcome').first().getAttribute('class'), new RegExp(tone))
        assert.ok((await page.locator('#status').textContent()).includes(outcome), 'the live region says it')
        const facts = await page.locator('.facts.certified').count()
        assert.equal(facts, tone === 'good' ? 1 : 0, 'only of a certified message facts are called certified')
      }
      assert.deepEqual(page.errors, [])
    }
  })
})

test('under the authority of AgID the test messages are not certified', async () => {
  await withSite(async (site, browser) => {
    const page = await open(browser, `${site.url}en/verify/`)
    await drop(page, vectorFile('kind-delivery-complete'))
    assert.equal(await page.locator('.outcome .word').textContent(), 'authenticity could NOT be shown')
    assert.equal(await page.locator('.saves li').count(), 0, 'nothing of it can be saved')
    await page.locator('[data-sample="kind-delivery-complete"]').click() // samples bring their authority
    await page.waitForSelector('.outcome.good')
    assert.ok(await page.locator('.test-trust').isVisible(), 'marked as without legal value')
  })
})

test('the first verdict comes within two seconds of the drop', async () => {
  await withSite(async (site, browser) => {
    const page = await open(browser, `${site.url}verifica/`, { verifier: false })
    const began = Date.now()
    await drop(page, vectorFile('kind-delivery-complete')) // the code may still be loading
    const cold = Date.now() - began
    const again = Date.now()
    await drop(page, vectorFile('kind-transport'))
    const warm = Date.now() - again
    console.log(`# first verdict ${cold} ms after a drop on a page just opened, ${warm} ms afterwards`)
    assert.ok(cold < 2000, `${cold} ms`)
    assert.ok(warm < 2000, `${warm} ms`)
  })
})

test('says the same as the command on every vector', async () => {
  const expected = execFileSync('go', ['run', './docs/test/expect'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 }).trim().split('\n').map((line) => JSON.parse(line))
  assert.ok(expected.length > 500)
  await withSite(async (site, browser) => {
    const page = await open(browser, `${site.url}verifica/`)
    let lines = 0
    for (const e of expected) {
      const data = readFileSync(new URL(`vectors/${e.request.name}`, root)).toString('base64')
      const got = await page.evaluate(async ({ request, data }) => {
        globalThis.testVerifier ??= await (await import(new URL('verifier.js', location.href).href)).Verifier.start().catch((error) => { throw error })
        const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
        const results = []
        await globalThis.testVerifier.verify(new File([bytes], 'x'), request, { result: (r) => results.push(r.line) })
        return results
      }, { request: e.request, data })
      assert.equal(got.length, 1, e.id)
      if (e.line) {
        // An mbox of one message is numbered, which the library does not know of.
        assert.equal(got[0].replace(`"file":"${e.request.name}#1"`, `"file":"${e.request.name}"`), e.line, e.id)
        lines++
      } else {
        assert.equal(JSON.parse(got[0]).error.code, e.code, e.id)
      }
    }
    console.log(`# ${lines} lines equal, ${expected.length - lines} without a verdict in both`)
    assert.ok(lines > 500)
  })
})

test('a message of 30 MB does not freeze the page', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'gopec-'))
  const file = join(dir, 'large.eml')
  writeFileSync(file, execFileSync('go', ['run', './docs/test/large', '-size', '30000000'], { cwd: root, maxBuffer: 1 << 28 }))
  const large = statSync(file).size
  assert.ok(large > 30e6, `${large} bytes`)
  await withSite(async (site, browser) => {
    const page = await open(browser, `${site.url}verifica/`)
    await page.evaluate(() => {
      globalThis.gap = 0
      let last = performance.now()
      const tick = () => {
        const now = performance.now()
        globalThis.gap = Math.max(globalThis.gap, now - last)
        last = now
        setTimeout(tick, 0)
      }
      tick()
      globalThis.said = new Set()
      new MutationObserver(() => globalThis.said.add(document.getElementById('status').textContent)).observe(document.getElementById('status'), { childList: true })
    })
    const began = Date.now()
    await drop(page, file)
    const took = Date.now() - began
    const { gap, said } = await page.evaluate(() => ({ gap: globalThis.gap, said: [...globalThis.said] }))
    console.log(`# ${large} bytes in ${took} ms, longest gap of the main thread ${Math.round(gap)} ms`)
    // Its authority is one of its own: signed and whole, and not to be believed.
    assert.equal(await page.locator('.outcome .verdict').textContent(), 'INDETERMINATE / NO_CERTIFICATE_CHAIN_FOUND')
    assert.ok(gap < 500, `${gap} ms`) // on a machine that does other work, too
    assert.ok(said.some((s) => / di /.test(s)), `progress was shown: ${said}`)
    // One byte changed in the middle is found.
    const changed = readFileSync(file)
    changed[15e6] = changed[15e6] === 0x41 ? 0x42 : 0x41
    writeFileSync(file, changed)
    await drop(page, file)
    assert.equal(await page.locator('.outcome .verdict').last().textContent(), 'TOTAL-FAILED / HASH_FAILURE')
  })
})

test('an archive of many messages is a list, and stopping it leaves the page alive', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'gopec-'))
  const file = join(dir, 'posta.zip')
  writeFileSync(file, execFileSync('python3', ['-c', `
import sys, zipfile, io
out = io.BytesIO()
with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
    for i in range(400):
        z.write(sys.argv[1 + i % 3], f'{i:04}.eml')
    z.writestr('note.txt', 'no mail')
sys.stdout.buffer.write(out.getvalue())`, vectorFile('kind-delivery-complete'), vectorFile('forged-authority'), vectorFile('kind-ordinary')], { maxBuffer: 1 << 28 }))
  await withSite(async (site, browser) => {
    const page = await open(browser, `${site.url}en/verify/`)
    await useTestCA(page)
    await drop(page, file)
    assert.equal(await page.locator('.message').count(), 400)
    assert.equal(await page.locator('#status').textContent(), '134 certified, 266 not certified.')
    assert.ok((await page.locator('.file').textContent()).includes('Left out, because they are no messages: 1.'))
    await page.locator('.message > summary').nth(399).click() // made again on demand
    const last = page.locator('.message').nth(399).locator('.outcome .word')
    await last.waitFor()
    assert.equal(await last.textContent(), 'authentic: DELIVERED')

    await page.setInputFiles('#files', file)
    await page.waitForFunction(() => document.querySelectorAll('.message').length > 420)
    await page.locator('#stop').click()
    await page.waitForFunction(() => document.getElementById('work').hidden)
    assert.ok(await page.locator('.message').count() < 800)
    await drop(page, vectorFile('kind-transport'))
    assert.equal(await page.locator('.message').last().locator('.line-outcome').textContent(), 'authentic: SENT by certified mail')
    assert.deepEqual(page.errors, [])
  })
})

test('what is saved is bytes under a safe name', async () => {
  await withSite(async (site, browser) => {
    const page = await open(browser, `${site.url}verifica/`)
    await page.locator('[data-sample="kind-delivery-complete"]').click()
    await page.waitForSelector('.saves li')
    const saved = {}
    for (const b of [...await page.locator('.saves li button').all(), ...await page.locator('.saves .tools button').all(), page.locator('#save-all')]) {
      await page.waitForTimeout(150) // Chromium lets a page save ten files a second
      const [download] = await Promise.all([page.waitForEvent('download'), b.click()])
      saved[download.suggestedFilename()] = readFileSync(await download.path(), 'utf8')
      assert.match(download.url(), /^blob:/)
    }
    assert.deepEqual(Object.keys(saved).sort(), ['certificati.pem', 'daticert.xml', 'kind-delivery-complete.html', 'kind-delivery-complete.json', 'kind-delivery-complete.txt', 'pecverify.jsonl', 'postacert.eml', 'verbale.pdf'])
    assert.match(saved['daticert.xml'], /<postacert/)
    assert.match(saved['kind-delivery-complete.html'], /autentica: CONSEGNATO/)
    assert.equal(JSON.parse(saved['pecverify.jsonl']).certified, true)
    assert.equal(saved['pecverify.jsonl'], saved['kind-delivery-complete.json'])
    assert.deepEqual(page.errors, [])
  })
})

test('works without a network once it was loaded', async () => {
  await withSite(async (site, browser) => {
    for (const path of ['verifica/', 'en/verify/']) {
      const page = await open(browser, site.url + path, { serviceWorkers: 'allow' })
      await page.waitForFunction(() => document.getElementById('offline').textContent !== '')
      await page.context().setOffline(true)
      const asked = site.requests.length
      await page.reload()
      await page.waitForFunction(() => document.documentElement.dataset.verifier === 'ready')
      await page.locator('[data-sample="kind-delivery-complete"]').click()
      await page.waitForSelector('.outcome.good')
      assert.equal(site.requests.length, asked, 'nothing was asked for')
      await page.context().close()
    }
  })
})

test('axe finds nothing serious, in light and dark, on wide and narrow screens', async () => {
  const axe = readFileSync(new URL('docs/node_modules/axe-core/axe.min.js', root), 'utf8')
  await withSite(async (site, browser) => {
    for (const options of [{}, { dark: true }, { width: 360, height: 740 }, { width: 360, height: 740, dark: true }]) {
      const page = await open(browser, `${site.url}verifica/`, options)
      await useTestCA(page)
      await drop(page, [vectorFile('kind-delivery-complete'), vectorFile('changed-outcome'), vectorFile('claim-error-as-delivery')])
      for (const m of await page.locator('.message > summary').all()) await m.click()
      for (const c of await page.locator('.checks > summary').all()) await c.click()
      const client = await page.context().newCDPSession(page) // not through the page, whose policy forbids it
      await client.send('Runtime.evaluate', { expression: axe })
      const { result } = await client.send('Runtime.evaluate', { expression: 'axe.run().then((r) => JSON.stringify(r.violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.target.join(" ")).slice(0, 3)])))', awaitPromise: true })
      const violations = JSON.parse(result.value)
      assert.deepEqual(violations.filter(([impact]) => impact === 'serious' || impact === 'critical'), [])
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out to the right')
    }
  })
})

test('a keyboard is enough', async () => {
  await withSite(async (site, browser) => {
    const page = await open(browser, `${site.url}en/verify/`)
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      if (await page.evaluate(() => document.activeElement?.dataset.sample === 'kind-delivery-complete')) break
    }
    await page.keyboard.press('Enter')
    await page.waitForSelector('.outcome.good')
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      if (await page.evaluate(() => document.activeElement?.matches('.checks > summary'))) break
    }
    await page.keyboard.press('Enter')
    assert.ok(await page.locator('.checks > ul').isVisible())
    assert.equal(await page.locator('.checks > ul > li').count(), readFileSync(new URL('docs/checks.md', root), 'utf8').match(/^\| `/gm).length, 'every check is there')
  })
})
