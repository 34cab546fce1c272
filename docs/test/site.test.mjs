// The site in a browser: both languages, search, every page and link.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { open, root, withSite } from './browser.mjs'

const look = { verifier: false }

test('both languages, and the way between them', async () => {
  await withSite(async (site, browser) => {
    const page = await open(browser, site.url, look)
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'it')
    assert.match(await page.locator('h1').textContent(), /Questa PEC è autentica\?/)
    await page.goto(`${site.url}en/`)
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en')
    assert.match(await page.locator('h1').textContent(), /Is this PEC message authentic\?/)
    // The verify page is one of its own, reached from both.
    for (const [path, title] of [['', 'Verifica un messaggio PEC'], ['en/', 'Verify a PEC message']]) {
      await page.goto(site.url + path)
      await page.locator('.VPHero .actions a').first().click()
      await page.waitForFunction(() => document.documentElement.dataset.verifier === 'ready')
      assert.equal(await page.locator('h1').textContent(), title)
    }
    assert.deepEqual(page.errors, [])
  })
})

test('search finds "avvenuta consegna"', async () => {
  await withSite(async (site, browser) => {
    for (const path of ['messaggio', 'en/message']) {
      const tab = await open(browser, site.url + path, look)
      await tab.locator('#local-search button').first().click()
      await tab.locator('#localsearch-input').fill('avvenuta consegna')
      await tab.locator('#localsearch-list a.result').first().waitFor()
      const results = await tab.locator('#localsearch-list a.result').allTextContents()
      assert.ok(results.length >= 3, `${results.length} results`)
      for (const href of await tab.locator('#localsearch-list a.result').evaluateAll((all) => all.map((a) => new URL(a.href).pathname))) assert.equal(href.startsWith('/en/'), path.startsWith('en/'), `${href} is in the other language`)
      await tab.locator('#localsearch-list a.result').first().click()
      await tab.waitForFunction(() => /avvenuta.consegna/i.test(document.querySelector('.vp-doc')?.textContent ?? ''))
      assert.deepEqual(tab.errors, [])
    }
  })
})

// pages of the built site, from its own files.
const dist = new URL('docs/.vitepress/dist/', root)
const pages = readdirSync(dist, { recursive: true }).filter((f) => f.endsWith('.html') && f !== '404.html')

test('every link of every page leads somewhere', async () => {
  assert.ok(pages.length > 45, `${pages.length} pages`)
  const files = new Set(readdirSync(dist, { recursive: true }))
  const ids = new Map()
  const idsOf = (file) => {
    if (!ids.has(file)) ids.set(file, new Set([...readFileSync(new URL(file, dist), 'utf8').matchAll(/ id="([^"]*)"/g)].map((m) => m[1])))
    return ids.get(file)
  }
  let links = 0
  for (const file of pages) {
    const text = readFileSync(new URL(file, dist), 'utf8').replace(/<script[\s\S]*?<\/script>/g, '')
    for (const [, href] of text.matchAll(/<a\b[^>]*\bhref="([^"]*)"/g)) {
      const url = new URL(href.replaceAll('&amp;', '&'), `http://site/${file.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')}`)
      if (url.host !== 'site') continue
      links++
      const path = decodeURIComponent(url.pathname.slice(1))
      const target = [path, `${path}.html`, `${path}index.html`, `${path}/index.html`].find((f) => f !== '' && files.has(f) && /\.[a-z]+$/.test(f))
      assert.ok(target, `${file} links to ${href}`)
      if (url.hash && target.endsWith('.html')) assert.ok(idsOf(target).has(decodeURIComponent(url.hash.slice(1))), `${file} links to ${href}: no such place`)
    }
  }
  console.log(`# ${links} links on ${pages.length} pages`)
  assert.ok(links > 1000)
})

test('the tables that come from the code are on the pages', async () => {
  const text = (file) => readFileSync(new URL(file, dist), 'utf8')
  for (const [file, want] of [
    ['comando.html', 'Uso: pecverify'], ['en/command.html', 'Usage: pecverify'],
    ['verifiche.html', 'id="from-address"'], ['en/checks.html', 'id="from-address"'],
    ['conformita.html', 'pec/check_header.go'], ['en/conformance.html', 'pec/check_header.go'],
  ]) assert.ok(text(file).includes(want), `${file}: ${want}`)
})

test('axe finds nothing serious on the site', async () => {
  const axe = readFileSync(new URL('docs/node_modules/axe-core/axe.min.js', root), 'utf8')
  await withSite(async (site, browser) => {
    for (const [path, options] of [['', {}], ['messaggio', {}], ['messaggio', { dark: true }], ['en/message', { width: 360, height: 740 }], ['fiducia', { dark: true, width: 360, height: 740 }], ['en/verdicts', {}], ['verifiche', {}], ['conformita', {}]]) {
      const page = await open(browser, site.url + path, { ...look, ...options })
      await page.evaluate(axe)
      const violations = await page.evaluate(async () => {
        const { violations } = await globalThis.axe.run({ exclude: [['.VPLocalSearchBox']] })
        return violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.target.join(' ')).slice(0, 3)])
      })
      assert.deepEqual(violations.filter(([impact]) => impact === 'serious' || impact === 'critical'), [], `${path} ${JSON.stringify(options)}`)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path}: nothing sticks out to the right`)
    }
  })
})
